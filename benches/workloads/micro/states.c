// A state machine over a stream of characters: one `br_table` on the state for each character.
// It recognises the tokens of a small language (words, numbers with fraction and exponent,
// strings with escapes, line comments, brackets) in a text that a generator makes up.

enum { LENGTH = 1 << 14 };

static unsigned char text[LENGTH];

enum state {
    BLANK, WORD, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_DIGITS,
    STRING, ESCAPE, HEX, SLASH, COMMENT, OPEN, CLOSE, BROKEN
};

static void write_text(void)
{
    static const unsigned char alphabet[] =
        "   \n  abcdefxyz_0123456789  ..e+-\"\\\"/n/u([{}])  12.5e-3 \"s\\n\\u00ff\" word(x) // c\n";
    unsigned seed = 12345;
    unsigned at = 0;
    for (int i = 0; i < LENGTH; i++) {
        seed = seed * 1664525u + 1013904223u;
        // Mostly the next character of the alphabet, sometimes a jump.
        at = (seed >> 24) < 40 ? (seed >> 8) % (sizeof alphabet - 1) : at + 1;
        if (at >= sizeof alphabet - 1)
            at = 0;
        text[i] = alphabet[at];
    }
}

// What kind of character it is: an index into `opens`, and what the states ask.
enum kind { OTHER, SPACE, LETTER, HEX_LETTER, DIGIT, QUOTE, STROKE, BRACKET, UNBRACKET };

static unsigned char kinds[256];

static void fill_kinds(void)
{
    for (int c = 0; c < 256; c++) {
        int letter = c | 32;
        kinds[c] = c == ' ' || c == '\n' ? SPACE
            : c >= '0' && c <= '9' ? DIGIT
            : letter >= 'a' && letter <= 'f' ? HEX_LETTER
            : (letter >= 'a' && letter <= 'z') || c == '_' ? LETTER
            : c == '"' ? QUOTE
            : c == '/' ? STROKE
            : c == '(' || c == '[' || c == '{' ? BRACKET
            : c == ')' || c == ']' || c == '}' ? UNBRACKET
            : OTHER;
    }
}

// The state that a kind of character opens when no token is under way.
static const unsigned char opens[] = {
    [OTHER] = BROKEN, [SPACE] = BLANK, [LETTER] = WORD, [HEX_LETTER] = WORD, [DIGIT] = INTEGER,
    [QUOTE] = STRING, [STROKE] = SLASH, [BRACKET] = OPEN, [UNBRACKET] = CLOSE,
};

struct tally {
    unsigned words, numbers, strings, comments, broken, depth, hash;
};

static enum state pass(struct tally *tally, enum state state)
{
    struct tally t = *tally;
    for (int i = 0; i < LENGTH; i++) {
        int c = text[i];
        enum kind kind = kinds[c];
        switch (state) {
        case BLANK:
            state = opens[kind];
            break;
        case WORD:
            if (kind >= LETTER && kind <= DIGIT) {
                t.hash = t.hash * 31 + (unsigned)c;
            } else {
                t.words++;
                state = opens[kind];
            }
            break;
        case INTEGER:
            if (kind == DIGIT)
                t.hash = t.hash * 10 + (unsigned)(c - '0');
            else if (c == '.')
                state = POINT;
            else if (c == 'e')
                state = EXPONENT;
            else {
                t.numbers++;
                state = opens[kind];
            }
            break;
        case POINT:
            t.hash ^= 0x55;
            state = kind == DIGIT ? FRACTION : BROKEN;
            break;
        case FRACTION:
            if (c == 'e')
                state = EXPONENT;
            else if (kind != DIGIT) {
                t.numbers++;
                state = opens[kind];
            } else
                t.hash = t.hash * 7 + (unsigned)c;
            break;
        case EXPONENT:
            t.hash += 13;
            state = kind == DIGIT || c == '-' || c == '+' ? EXPONENT_DIGITS : BROKEN;
            break;
        case EXPONENT_DIGITS:
            if (kind != DIGIT) {
                t.numbers++;
                state = opens[kind];
            } else
                t.hash = (t.hash << 3) ^ (unsigned)c;
            break;
        case STRING:
            if (c == '\\')
                state = ESCAPE;
            else if (c == '"') {
                t.strings++;
                state = BLANK;
            } else if (c == '\n')
                state = BROKEN;
            else
                t.hash = t.hash * 33 ^ (unsigned)c;
            break;
        case ESCAPE:
            state = c == 'u' ? HEX : STRING;
            t.hash -= (unsigned)c;
            break;
        case HEX:
            if (kind != HEX_LETTER && kind != DIGIT)
                state = c == '"' ? BLANK : STRING;
            else
                t.hash = t.hash << 4 | (t.hash >> 28 ^ (unsigned)c);
            break;
        case SLASH:
            state = c == '/' ? COMMENT : BROKEN;
            break;
        case COMMENT:
            if (c == '\n') {
                t.comments++;
                state = BLANK;
            }
            break;
        case OPEN:
            t.depth++;
            t.hash ^= t.depth;
            state = opens[kind];
            break;
        case CLOSE:
            t.depth -= t.depth > 0;
            t.hash += t.depth;
            state = opens[kind];
            break;
        case BROKEN:
            if (kind == SPACE) {
                t.broken++;
                state = BLANK;
            }
            break;
        }
    }
    *tally = t;
    return state;
}

// A digest of what n passes over the text counted.
long long run(int n)
{
    struct tally tally = { 0 };
    enum state state = BLANK;
    write_text();
    fill_kinds();
    for (int i = 0; i < n; i++)
        state = pass(&tally, state);
    unsigned long long counts = (unsigned long long)tally.words * 3 + tally.numbers * 5
        + tally.strings * 7 + tally.comments * 11 + tally.broken * 13 + tally.depth * 17 + state;
    return (long long)(counts << 32 ^ tally.hash);
}
