// words NAME… reads files at once, one goroutine each, and writes the words that most lines have, and the
// digest of each file, to standard output and to words.json.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"unicode"
)

type count struct {
	Word  string `json:"word"`
	Lines int    `json:"lines"`
}

type summary struct {
	Name   string  `json:"name"`
	Digest string  `json:"digest"`
	Lines  int     `json:"lines"`
	Words  []count `json:"words"`
}

func summarize(name string) (summary, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return summary{}, err
	}
	result := summary{Name: name, Digest: fmt.Sprintf("%x", sha256.Sum256(content))}
	lines := map[string]int{}
	scanner := bufio.NewScanner(bytes.NewReader(content))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		result.Lines++
		seen := map[string]bool{}
		for _, word := range strings.FieldsFunc(scanner.Text(), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if !seen[word] {
				seen[word] = true
				lines[word]++
			}
		}
	}
	if err := scanner.Err(); err != nil {
		return summary{}, err
	}
	for word, number := range lines {
		result.Words = append(result.Words, count{word, number})
	}
	sort.Slice(result.Words, func(i, j int) bool {
		a, b := result.Words[i], result.Words[j]
		return a.Lines > b.Lines || a.Lines == b.Lines && a.Word < b.Word
	})
	result.Words = result.Words[:min(20, len(result.Words))]
	return result, nil
}

func main() {
	names := os.Args[1:]
	results := make([]summary, len(names))
	failures := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Add(1)
		go func() {
			defer all.Done()
			results[i], failures[i] = summarize(name)
		}()
	}
	all.Wait()
	status := 0
	for i, result := range results {
		if failures[i] != nil {
			fmt.Println(failures[i])
			status = 3
			continue
		}
		fmt.Printf("%s: %d lines, %s\n", result.Name, result.Lines, result.Digest)
		for _, word := range result.Words {
			fmt.Printf("%7d %s\n", word.Lines, word.Word)
		}
	}
	encoded, err := json.MarshalIndent(results, "", "\t")
	if err == nil {
		err = os.WriteFile("words.json", encoded, 0o644)
	}
	if err != nil {
		fmt.Println(err)
		status = 4
	}
	os.Exit(status)
}
