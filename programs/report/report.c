// report: reads a ledger and writes what it adds up to.
//
//   report LEDGER BY_ACCOUNT BY_MONTH
//
// The ledger has one booking a line, `date,account,text,quantity,unit price`, where the text may be
// quoted. Empty lines and lines that begin with `#` are skipped; a line that makes no sense is
// reported on the standard error and counted. BY_ACCOUNT becomes a table of the accounts, the
// dearest first; BY_MONTH becomes comma-separated values. A summary goes to the standard output.
//
// Exit status: 0, or 1 if a file cannot be used, or 2 if the command line is wrong.

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct booking {
    int year, month, day;
    char *account;
    char *text;
    double quantity, price;
    long line;
};

struct ledger {
    struct booking *bookings;
    size_t count, capacity;
    long skipped, wrong;
};

struct account {
    const char *name;
    size_t bookings;
    double total, least, most, mean, deviation, median;
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "report: out of memory\n");
        exit(1);
    }
    return memory;
}

static char *copy(const char *text)
{
    char *memory = checked(malloc(strlen(text) + 1));
    return strcpy(memory, text);
}

static double amount(const struct booking *booking)
{
    return booking->quantity * booking->price;
}

// Reading.

// Cuts the next field off `*rest`, in place: unquotes it, and halves doubled quotes in it.
// Returns NULL when no field is left or a quote stays open.
static char *next_field(char **rest)
{
    char *from = *rest;
    if (from == NULL)
        return NULL;
    char *field = from, *to = from;
    *rest = NULL;
    if (*from == '"') {
        from++;
        for (;;) {
            if (*from == '\0')
                return NULL;
            if (*from == '"' && *++from != '"')
                break;
            *to++ = *from++;
        }
        if (*from != ',' && *from != '\0')
            return NULL;
    } else {
        while (*from != ',' && *from != '\0')
            *to++ = *from++;
    }
    if (*from == ',')
        *rest = from + 1;
    *to = '\0';
    return field;
}

static int read_date(const char *field, struct booking *booking)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    char more;
    if (sscanf(field, "%4d-%2d-%2d%c", &booking->year, &booking->month, &booking->day, &more) != 3)
        return 0;
    if (booking->month < 1 || booking->month > 12)
        return 0;
    int leap = booking->year % 4 == 0 && (booking->year % 100 != 0 || booking->year % 400 == 0);
    int last = days[booking->month - 1] + (booking->month == 2 && leap);
    return booking->day >= 1 && booking->day <= last;
}

static int read_number(const char *field, double *number)
{
    char *end;
    errno = 0;
    *number = strtod(field, &end);
    return end != field && *end == '\0' && errno == 0 && isfinite(*number);
}

// Says what is wrong with the line, or returns NULL after it filled `booking`.
static const char *read_booking(char *line, struct booking *booking)
{
    char *rest = line;
    char *date = next_field(&rest), *account = next_field(&rest), *text = next_field(&rest);
    char *quantity = next_field(&rest), *price = next_field(&rest);
    if (price == NULL)
        return "too few fields";
    if (rest != NULL)
        return "too many fields";
    if (!read_date(date, booking))
        return "no such date";
    if (*account == '\0')
        return "no account";
    if (!read_number(quantity, &booking->quantity) || !read_number(price, &booking->price))
        return "not a number";
    for (char *letter = account; *letter != '\0'; letter++)
        *letter = (char)tolower((unsigned char)*letter);
    booking->account = copy(account);
    booking->text = copy(text);
    return NULL;
}

static struct booking *room_for_one(struct ledger *ledger)
{
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity ? ledger->capacity * 2 : 4;
        size_t bytes = ledger->capacity * sizeof *ledger->bookings;
        ledger->bookings = checked(realloc(ledger->bookings, bytes));
    }
    return &ledger->bookings[ledger->count];
}

static void read_ledger(FILE *file, struct ledger *ledger)
{
    char line[512];
    for (long number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        size_t length = strcspn(line, "\r\n");
        line[length] = '\0';
        if (length == 0 || line[0] == '#') {
            ledger->skipped++;
            continue;
        }
        struct booking *booking = room_for_one(ledger);
        const char *wrong = read_booking(line, booking);
        if (wrong != NULL) {
            fprintf(stderr, "report: line %ld: %s\n", number, wrong);
            ledger->wrong++;
            continue;
        }
        booking->line = number;
        ledger->count++;
    }
}

// Adding up.

static int by_account_then_amount(const void *left, const void *right)
{
    const struct booking *a = left, *b = right;
    int order = strcmp(a->account, b->account);
    if (order != 0)
        return order;
    if (amount(a) != amount(b))
        return amount(a) < amount(b) ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static int by_date(const void *left, const void *right)
{
    const struct booking *a = left, *b = right;
    int order = (a->year - b->year) * 372 + (a->month - b->month) * 31 + a->day - b->day;
    return order != 0 ? order : a->line < b->line ? -1 : a->line > b->line;
}

static int by_total(const void *left, const void *right)
{
    const struct account *a = left, *b = right;
    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return strcmp(a->name, b->name);
}

// Adds up the bookings of one account, which come in the order of their amounts.
static struct account add_up(const struct booking *bookings, size_t count)
{
    struct account account = { .name = bookings[0].account, .bookings = count };
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        account.total += amount(&bookings[i]);
    account.mean = account.total / (double)count;
    for (size_t i = 0; i < count; i++) {
        double off = amount(&bookings[i]) - account.mean;
        squares += off * off;
    }
    account.deviation = sqrt(squares / (double)count);
    account.least = amount(&bookings[0]);
    account.most = amount(&bookings[count - 1]);
    account.median = (amount(&bookings[(count - 1) / 2]) + amount(&bookings[count / 2])) / 2;
    return account;
}

static size_t group(struct ledger *ledger, struct account *accounts)
{
    size_t groups = 0;
    qsort(ledger->bookings, ledger->count, sizeof *ledger->bookings, by_account_then_amount);
    for (size_t from = 0, to; from < ledger->count; from = to) {
        const char *name = ledger->bookings[from].account;
        for (to = from + 1; to < ledger->count; to++)
            if (strcmp(ledger->bookings[to].account, name) != 0)
                break;
        accounts[groups++] = add_up(&ledger->bookings[from], to - from);
    }
    qsort(accounts, groups, sizeof *accounts, by_total);
    return groups;
}

// Writing.

static FILE *opened(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        fprintf(stderr, "report: cannot open a file: %s\n", strerror(errno));
        exit(1);
    }
    return file;
}

static void close_written(FILE *file)
{
    if (ferror(file) | fclose(file)) {
        fprintf(stderr, "report: cannot write a file\n");
        exit(1);
    }
}

static void write_accounts(FILE *file, const struct account *accounts, size_t count)
{
    fprintf(file, "%-14s %5s %12s %12s %12s %12s %12s %13s\n", "account", "n", "total", "least",
            "median", "most", "mean", "deviation");
    for (size_t i = 0; i < count; i++) {
        const struct account *a = &accounts[i];
        fprintf(file, "%-14s %5zu %12.2f %12.2f %12.2f %12.2f %12.4f %13.6e\n", a->name,
                a->bookings, a->total, a->least, a->median, a->most, a->mean, a->deviation);
    }
}

static int write_months(FILE *file, struct ledger *ledger)
{
    int months = 0;
    double balance = 0;
    qsort(ledger->bookings, ledger->count, sizeof *ledger->bookings, by_date);
    fprintf(file, "month,bookings,in,out,balance\n");
    for (size_t from = 0, to = 0; from < ledger->count; from = to, months++) {
        const struct booking *first = &ledger->bookings[from];
        double in = 0, out = 0;
        while (to < ledger->count && ledger->bookings[to].year == first->year
               && ledger->bookings[to].month == first->month) {
            double sum = amount(&ledger->bookings[to++]);
            *(sum < 0 ? &out : &in) += sum;
        }
        balance += in + out;
        fprintf(file, "%04d-%02d,%zu,%.2f,%.2f,%.17g\n", first->year, first->month, to - from, in,
                out, balance);
    }
    return months;
}

// FNV-1a over the text of all bookings in the order of their dates.
static unsigned long long fingerprint(const struct ledger *ledger)
{
    unsigned long long hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < ledger->count; i++)
        for (const char *letter = ledger->bookings[i].text; *letter != '\0'; letter++)
            hash = (hash ^ (unsigned char)*letter) * 0x100000001b3u;
    return hash;
}

static void summarise(const struct ledger *ledger, const struct account *accounts, size_t groups,
                      int months)
{
    double total = 0;
    float rough = 0;
    const struct booking *dearest = NULL;
    for (size_t i = 0; i < ledger->count; i++) {
        const struct booking *booking = &ledger->bookings[i];
        total += amount(booking);
        rough += (float)amount(booking);
        if (dearest == NULL || fabs(amount(booking)) > fabs(amount(dearest)))
            dearest = booking;
    }
    printf("%zu bookings in %zu accounts and %d months; %ld lines skipped, %ld wrong\n",
           ledger->count, groups, months, ledger->skipped, ledger->wrong);
    if (dearest == NULL)
        return;
    printf("total %.2f (in single precision %.9g, exactly %a)\n", total, (double)rough, total);
    printf("most in %s: %.2f; least in %s: %.2f\n", accounts[0].name, accounts[0].total,
           accounts[groups - 1].name, accounts[groups - 1].total);
    printf("the largest: line %ld, %04d-%02d-%02d, \"%s\", %g x %g\n", dearest->line, dearest->year,
           dearest->month, dearest->day, dearest->text, dearest->quantity, dearest->price);
    printf("fingerprint of the texts: %016llx\n", fingerprint(ledger));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: report LEDGER BY_ACCOUNT BY_MONTH\n");
        return 2;
    }
    struct ledger ledger = { 0 };
    FILE *input = opened(argv[1], "r");
    read_ledger(input, &ledger);
    fclose(input);

    struct account *accounts = checked(malloc((ledger.count + 1) * sizeof *accounts));
    size_t groups = group(&ledger, accounts);
    FILE *by_account = opened(argv[2], "w");
    write_accounts(by_account, accounts, groups);
    close_written(by_account);

    FILE *by_month = opened(argv[3], "w");
    int months = write_months(by_month, &ledger);
    close_written(by_month);

    summarise(&ledger, accounts, groups, months);

    for (size_t i = 0; i < ledger.count; i++) {
        free(ledger.bookings[i].account);
        free(ledger.bookings[i].text);
    }
    free(ledger.bookings);
    free(accounts);
    return 0;
}
