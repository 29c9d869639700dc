/* Arguments, environment, clocks, random numbers, waiting, the process. */
#include "check.h"

struct subscription {
    uint64_t userdata;
    uint8_t kind;
    _Alignas(8) uint32_t id; /* a clock's or a descriptor's number */
    uint64_t timeout, precision;
    uint16_t flags;
};
struct event {
    uint64_t userdata;
    uint16_t error;
    uint8_t kind;
    uint64_t bytes;
    uint16_t flags;
};
_Static_assert(sizeof(struct subscription) == 48, "a subscription has 48 bytes");
_Static_assert(sizeof(struct event) == 32, "an event has 32 bytes");

static void strings(void) {
    uint32_t count, size;
    char *pointers[8];
    char text[64];
    RETURNS(SUCCESS, args_sizes_get, &count, &size);
    HOLDS(count == 3 && size == sizeof "conformance\0two words\0");
    RETURNS(SUCCESS, args_get, pointers, text);
    HOLDS(pointers[0] == text && strcmp(pointers[1], "two words") == 0 && *pointers[2] == 0);
    RETURNS(FAULT, args_sizes_get, OUTSIDE, &size);
    RETURNS(FAULT, args_sizes_get, &count, OUTSIDE);
    RETURNS(FAULT, args_get, OUTSIDE, text);
    RETURNS(FAULT, args_get, pointers, AT_END);

    RETURNS(SUCCESS, environ_sizes_get, &count, &size);
    HOLDS(count == 2 && size == sizeof "NAME=value\0EMPTY=");
    RETURNS(SUCCESS, environ_get, pointers, text);
    HOLDS(strcmp(pointers[0], "NAME=value") == 0 && strcmp(pointers[1], "EMPTY=") == 0);
    RETURNS(FAULT, environ_sizes_get, OUTSIDE, &size);
    RETURNS(FAULT, environ_sizes_get, &count, OUTSIDE);
    RETURNS(FAULT, environ_get, OUTSIDE, text);
    RETURNS(FAULT, environ_get, AT_END, text);
}

static void clocks(void) {
    uint64_t first, second;
    for (int clock = 0; clock < 4; clock++) {
        RETURNS(SUCCESS, clock_res_get, clock, &first);
        HOLDS(first > 0);
        RETURNS(SUCCESS, clock_time_get, clock, 0, &first);
        RETURNS(SUCCESS, clock_time_get, clock, UINT64_MAX, &second);
        HOLDS(second >= first);
    }
    RETURNS(INVAL, clock_res_get, 4, &first);
    RETURNS(INVAL, clock_res_get, -1, &first);
    RETURNS(FAULT, clock_res_get, 0, AT_END);
    RETURNS(INVAL, clock_time_get, 4, 0, &first);
    RETURNS(FAULT, clock_time_get, 1, 0, AT_END);
}

static void random_numbers(void) {
    static char bytes[1 << 16];
    char none[8] = {0};
    RETURNS(SUCCESS, random_get, bytes, 64);
    int zeros = 0;
    for (int at = 0; at < 64; at++) zeros += bytes[at] == 0;
    HOLDS(zeros < 32);
    RETURNS(SUCCESS, random_get, none, 0);
    HOLDS(none[0] == 0);
    /* The host allows 4096 bytes a call. */
    RETURNS(SUCCESS, random_get, bytes, 4096);
    RETURNS(INVAL, random_get, bytes, 4097);
    RETURNS(FAULT, random_get, bytes, UINT32_MAX);
    RETURNS(FAULT, random_get, OUTSIDE, 64);
}

static void waiting(void) {
    struct subscription in[4];
    struct event out[4];
    uint32_t happened;
    memset(in, 0, sizeof in);

    /* Time passes. */
    uint64_t before, after;
    in[0] = (struct subscription){.userdata = 7, .id = 1, .timeout = 2000000};
    clock_time_get(1, 0, &before);
    RETURNS(SUCCESS, poll_oneoff, in, out, 1, &happened);
    clock_time_get(1, 0, &after);
    HOLDS(happened == 1 && out[0].userdata == 7 && out[0].error == 0 && out[0].kind == 0);
    HOLDS(after - before >= 2000000);
    /* A time that has passed. */
    in[0] = (struct subscription){.userdata = 8, .id = 0, .timeout = 1, .flags = 1};
    RETURNS(SUCCESS, poll_oneoff, in, out, 1, &happened);
    HOLDS(happened == 1 && out[0].userdata == 8);
    /* What happens first is all that is told. */
    in[0] = (struct subscription){.userdata = 1, .id = 1, .timeout = UINT64_MAX};
    in[1] = (struct subscription){.userdata = 2, .kind = 2, .id = 1};
    RETURNS(SUCCESS, poll_oneoff, in, out, 2, &happened);
    HOLDS(happened == 1 && out[0].userdata == 2 && out[0].kind == 2);
    /* Nothing comes from that socket: the clock is first. */
    in[0] = (struct subscription){.userdata = 3, .kind = 1, .id = STREAM};
    in[1] = (struct subscription){.userdata = 4, .id = 1, .timeout = 1000000};
    RETURNS(SUCCESS, poll_oneoff, in, out, 2, &happened);
    HOLDS(happened == 1 && out[0].userdata == 4);
    /* The other end of that one is gone. */
    in[0] = (struct subscription){.userdata = 5, .kind = 1, .id = GONE};
    RETURNS(SUCCESS, poll_oneoff, in, out, 1, &happened);
    HOLDS(happened == 1 && out[0].error == 0 && (out[0].flags & 1));

    /* What cannot be waited for. */
    in[0] = (struct subscription){.userdata = 1, .kind = 1, .id = CLOSED};
    in[1] = (struct subscription){.userdata = 2, .kind = 2, .id = 0};
    in[2] = (struct subscription){.userdata = 3, .id = 9};
    in[3] = (struct subscription){.userdata = 4, .id = 2};
    RETURNS(SUCCESS, poll_oneoff, in, out, 4, &happened);
    HOLDS(happened == 4);
    HOLDS(out[0].error == BADF && out[1].error == NOTCAPABLE && out[2].error == INVAL && out[3].error == NOTSUP);

    RETURNS(INVAL, poll_oneoff, in, out, 0, &happened);
    RETURNS(INVAL, poll_oneoff, in, out, 4097, &happened);
    RETURNS(INVAL, poll_oneoff, in, out, 1u << 31, &happened);
    RETURNS(INVAL, poll_oneoff, in, out, UINT32_MAX, &happened);
    RETURNS(FAULT, poll_oneoff, OUTSIDE, out, 1, &happened);
    RETURNS(FAULT, poll_oneoff, AT_END, out, 1, &happened);
    RETURNS(FAULT, poll_oneoff, in, AT_END, 1, &happened);
    RETURNS(FAULT, poll_oneoff, in, out, 1, OUTSIDE);
    in[0].kind = 3;
    RETURNS(INVAL, poll_oneoff, in, out, 1, &happened);
}

int main(void) {
    strings();
    clocks();
    random_numbers();
    waiting();
    RETURNS(SUCCESS, wasi_sched_yield);
    RETURNS(NOTSUP, proc_raise, 6);
    RETURNS(NOTSUP, proc_raise, 9);
    RETURNS(INVAL, proc_raise, 31);
    RETURNS(INVAL, proc_raise, -1);
    put_text("proc_exit success\n");
    proc_exit(0);
}
