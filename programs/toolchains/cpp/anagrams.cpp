// anagrams NAME…: the longest words of each file that are anagrams of one another, to standard output; how
// long words are, to lengths.txt. It makes a directory, looks into it and removes it. Zig's C++ library has
// neither file streams nor std::filesystem for WASI, so files are C's and directories POSIX's.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using Words = std::set<std::string>;

struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
    void operator()(DIR *directory) const { closedir(directory); }
};
using File = std::unique_ptr<std::FILE, Close>;
using Directory = std::unique_ptr<DIR, Close>;

bool words_of(const std::string &name, Words &words) {
    File file(std::fopen(name.c_str(), "rb"));
    if (!file) {
        return false;
    }
    std::string word;
    for (int letter; (letter = std::fgetc(file.get())) != EOF;) {
        if (std::isalpha(letter)) {
            word += static_cast<char>(std::tolower(letter));
        } else if (!word.empty()) {
            words.insert(std::move(word));
            word.clear();
        }
    }
    return true;
}

void report(const std::string &name, const Words &words) {
    std::map<std::string, std::vector<std::string>> families;
    for (const auto &word : words) {
        auto key = word;
        std::sort(key.begin(), key.end());
        families[key].push_back(word);
    }
    std::vector<std::vector<std::string>> found;
    for (auto &[key, family] : families) {
        if (family.size() > 1) {
            found.push_back(family);
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto &a, const auto &b) { return a[0].size() > b[0].size(); });
    found.resize(std::min<std::size_t>(found.size(), 12));
    std::cout << name << ": " << words.size() << " words\n";
    for (const auto &family : found) {
        for (const auto &word : family) {
            std::cout << ' ' << word;
        }
        std::cout << '\n';
    }
}

bool lengths(const Words &words) {
    std::map<std::size_t, int> numbers;
    for (const auto &word : words) {
        ++numbers[word.size()];
    }
    const double all = std::accumulate(numbers.begin(), numbers.end(), 0.0,
                                       [](double sum, const auto &entry) { return sum + entry.second; });
    std::ostringstream text;
    for (const auto &[length, number] : numbers) {
        text << std::setw(3) << length << std::fixed << std::setprecision(4) << std::setw(9) << number / all << '\n';
    }
    File file(std::fopen("lengths.txt", "a"));
    return file && std::fputs(text.str().c_str(), file.get()) >= 0;
}

bool directories() {
    if (mkdir("made", 0777) || mkdir("made/by", 0777)) {
        return false;
    }
    if (File note{std::fopen("made/by/note.txt", "w")}; !note || std::fputs("a note", note.get()) < 0) {
        return false;
    }
    Directory directory(opendir("made/by"));
    if (!directory) {
        return false;
    }
    std::set<std::string> seen;
    while (const dirent *entry = readdir(directory.get())) {
        // Whether `.` and `..` are among them differs from host to host.
        if (entry->d_name[0] != '.') {
            seen.insert(entry->d_name);
        }
    }
    for (const auto &name : seen) {
        std::cout << name << '\n';
    }
    struct stat note;
    if (stat("made/by/note.txt", &note)) {
        return false;
    }
    std::cout << note.st_size << " bytes\n";
    return rmdir("made/by") != 0 && rename("made/by/note.txt", "note.txt") == 0 && rmdir("made/by") == 0
        && rmdir("made") == 0;
}

} // namespace

int main(int count, char **arguments) {
    int status = 0;
    for (int i = 1; i < count; ++i) {
        Words words;
        if (words_of(arguments[i], words)) {
            report(arguments[i], words);
            if (!lengths(words)) {
                std::cout << "lengths.txt: cannot be written\n";
                status = 1;
            }
        } else {
            std::cout << arguments[i] << ": cannot be read\n";
            status = 2;
        }
    }
    if (!directories()) {
        std::cout << "directories: something went wrong\n";
        status = 3;
    }
    return status;
}
