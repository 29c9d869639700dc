// A mix in the manner of the usual benchmarks of embedded processors: a linked list, matrices of
// 16-bit numbers, a state machine over text, and a checksum that folds in what each one answers, so
// that nothing can be left out or done ahead. Small working set, few calls, all control flow.

#include "../common.h"

typedef unsigned short u16;
typedef short i16;

// ---- Checksum: CRC-16, bit by bit.

static u16 checksum_byte(u16 crc, byte data)
{
    for (int bit = 0; bit < 8; bit++) {
        int odd = (crc ^ data) & 1;
        data >>= 1;
        crc >>= 1;
        if (odd)
            crc ^= 0xa001;
    }
    return crc;
}

static u16 checksum(u16 crc, u32 word)
{
    for (int i = 0; i < 4; i++, word >>= 8)
        crc = checksum_byte(crc, (byte)word);
    return crc;
}

// ---- List: found, reversed, sorted by merging, with the order as a function.

enum { NODES = 64 };

struct node {
    struct node *next;
    i16 value, place;
};

static struct node nodes[NODES];

static struct node *make_list(u32 seed)
{
    for (int i = 0; i < NODES; i++) {
        nodes[i].value = (i16)(next_random(&seed) & 0x7fff);
        nodes[i].place = (i16)i;
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : 0;
    }
    return nodes;
}

static struct node *reverse(struct node *list)
{
    struct node *reversed = 0;
    while (list) {
        struct node *next = list->next;
        list->next = reversed;
        reversed = list;
        list = next;
    }
    return reversed;
}

static const struct node *find(const struct node *list, int value)
{
    while (list && (list->value & 0xff) != value)
        list = list->next;
    return list;
}

typedef int order(const struct node *, const struct node *);

static int by_value(const struct node *a, const struct node *b) { return a->value - b->value; }
static int by_place(const struct node *a, const struct node *b) { return a->place - b->place; }

static struct node *merge_sort(struct node *list, order *compare)
{
    for (int width = 1;; width *= 2) {
        struct node *rest = list, *tail = 0;
        int merges = 0;
        list = 0;
        while (rest) {
            merges++;
            struct node *left = rest, *right = rest;
            int lefts = 0, rights = width;
            while (lefts < width && right) {
                lefts++;
                right = right->next;
            }
            while (lefts > 0 || (rights > 0 && right)) {
                struct node *taken;
                if (lefts > 0 && (rights == 0 || !right || compare(left, right) <= 0)) {
                    taken = left;
                    left = left->next;
                    lefts--;
                } else {
                    taken = right;
                    right = right->next;
                    rights--;
                }
                if (tail)
                    tail->next = taken;
                else
                    list = taken;
                tail = taken;
            }
            rest = right;
        }
        tail->next = 0;
        if (merges <= 1)
            return list;
    }
}

static u16 list_part(u32 seed, u16 crc)
{
    struct node *list = make_list(seed);
    int found = 0;
    for (int value = 0; value < 24; value++) {
        const struct node *node = find(list, value * 11 & 0xff);
        if (node)
            found += node->place;
        list = reverse(list);
    }
    list = merge_sort(list, by_value);
    crc = checksum(crc, (u32)list->place << 16 | (u32)found);
    list = merge_sort(list, by_place);
    for (const struct node *node = list; node; node = node->next)
        crc = checksum_byte(crc, (byte)node->value);
    return crc;
}

// ---- Matrices: sums and products with constants, vectors, matrices, and parts of the bits.

enum { SIDE = 14 };

static i16 a[SIDE][SIDE], b[SIDE][SIDE];
static int c[SIDE][SIDE];

static void add_constant(int constant)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
            a[i][j] = (i16)(a[i][j] + constant);
}

static void multiply(int bits)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            c[i][j] = 0;
            for (int k = 0; k < SIDE; k++) {
                int product = a[i][k] * b[k][j];
                c[i][j] += bits ? (product >> 2 & 15) * (product >> 5 & 127) : product;
            }
        }
}

static u32 steps(int clip)
{
    int sum = 0, last = 0;
    u32 count = 0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            sum += c[i][j];
            if (sum > clip) {
                count += 10;
                sum = 0;
            } else
                count += c[i][j] > last;
            last = c[i][j];
        }
    return count;
}

static u16 matrix_part(u32 seed, u16 crc)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            a[i][j] = (i16)(next_random(&seed) & 0xff);
            b[i][j] = (i16)(next_random(&seed) & 0xff);
        }
    for (int bits = 0; bits < 2; bits++) {
        add_constant((int)(seed & 15));
        multiply(bits);
        crc = checksum(crc, steps(60000));
        add_constant(-(int)(seed & 15));
    }
    return crc;
}

// ---- State machine: what kind of number each word between commas is.

enum state { START, SIGN, INTEGER, POINT, SCIENTIFIC, EXPONENT, BROKEN, STATES };

static const char words[] = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,"
                            "-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,12,0,..,+-,";

static enum state step(enum state state, byte c, u32 *moves)
{
    int digit = c >= '0' && c <= '9';
    switch (state) {
    case START:
        moves[START]++;
        return digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : BROKEN;
    case SIGN:
        moves[SIGN]++;
        return digit ? INTEGER : c == '.' ? POINT : BROKEN;
    case INTEGER:
        if (digit)
            return INTEGER;
        moves[INTEGER]++;
        return c == '.' ? POINT : BROKEN;
    case POINT:
        if (digit)
            return POINT;
        moves[POINT]++;
        return c == 'e' || c == 'E' ? SCIENTIFIC : BROKEN;
    case SCIENTIFIC:
        moves[SCIENTIFIC]++;
        return c == '+' || c == '-' ? EXPONENT : BROKEN;
    case EXPONENT:
        if (digit)
            return EXPONENT;
        moves[EXPONENT]++;
        return BROKEN;
    default:
        return BROKEN;
    }
}

static u16 state_part(u32 seed, u16 crc)
{
    u32 ends[STATES] = { 0 }, moves[STATES] = { 0 };
    enum state state = START;
    for (int i = 0; i < (int)sizeof words - 1; i++) {
        byte c = (byte)words[i];
        if (c == ',') {
            ends[state]++;
            state = START;
        } else
            // Here and there another character than the one that is written.
            state = step(state, (seed + (u32)i) % 41 == 0 ? (byte)(c ^ (seed & 7)) : c, moves);
    }
    for (int i = 0; i < STATES; i++)
        crc = checksum(crc, ends[i] << 16 ^ moves[i]);
    return crc;
}

// The checksum of n rounds.
long long run(int n)
{
    u16 crc = 0;
    for (int i = 0; i < n; i++) {
        crc = list_part((u32)i ^ crc, crc);
        crc = matrix_part((u32)i + crc, crc);
        crc = state_part((u32)i * 3 + crc, crc);
    }
    return crc;
}

// How many known checksums come out wrong: that of the digits 1 to 9 under CRC-16/ARC.
int vectors(void)
{
    u16 crc = 0;
    for (const char *c = "123456789"; *c; c++)
        crc = checksum_byte(crc, (byte)*c);
    return crc != 0xbb3d;
}
