/* Sockets that the host gives: a listener with one connection waiting, connections, datagrams. */
#include "check.h"

static uint32_t count;
static uint16_t flags;
static char bytes[256];

int main(void) {
    struct buffer into = {bytes, sizeof bytes}, text = {"hello", 5}, fault = {OUTSIDE, 32};
    struct fdstat stat;
    int fd;

    /* Accepting: one connection is there, then none. */
    RETURNS(FAULT, sock_accept, LISTENER, 0, OUTSIDE);
    RETURNS(INVAL, sock_accept, LISTENER, APPEND, &fd);
    RETURNS(INVAL, sock_accept, LISTENER, 64, &fd);
    RETURNS(INVAL, sock_accept, STREAM, 0, &fd);
    RETURNS(INVAL, sock_accept, DATAGRAM, 0, &fd);
    RETURNS(BADF, sock_accept, CLOSED, 0, &fd);
    RETURNS(NOTSOCK, sock_accept, 1, 0, &fd);
    RETURNS(NOTSOCK, sock_accept, HOST, 0, &fd);
    int opened[32], number = 0;
    while (number < 32 && path_open(HOST, 0, P("file"), 0, FD_READ, 0, 0, &opened[number]) == 0) number++;
    RETURNS(MFILE, sock_accept, LISTENER, 0, &fd);
    while (number > 0) HOLDS(fd_close(opened[--number]) == 0);
    RETURNS(SUCCESS, sock_accept, LISTENER, NONBLOCK, &fd);
    RETURNS(SUCCESS, fd_fdstat_get, fd, &stat);
    HOLDS(stat.type == SOCKET_STREAM && stat.flags == NONBLOCK);
    RETURNS(SUCCESS, fd_fdstat_set_flags, LISTENER, NONBLOCK);
    int none;
    RETURNS(AGAIN, sock_accept, LISTENER, 0, &none);

    /* The one who connected has sent `greeting`, and waits for nothing. */
    RETURNS(SUCCESS, sock_recv, fd, &(struct buffer){bytes, 5}, 1, 1, &count, &flags);
    HOLDS(count == 5 && memcmp(bytes, "greet", 5) == 0 && flags == 0);
    RETURNS(SUCCESS, sock_recv, fd, &into, 1, 0, &count, &flags);
    HOLDS(count == 8 && memcmp(bytes, "greeting", 8) == 0);
    RETURNS(AGAIN, sock_recv, fd, &into, 1, 0, &count, &flags);
    RETURNS(AGAIN, fd_read, fd, &into, 1, &count);
    RETURNS(SUCCESS, sock_send, fd, &text, 1, 0, &count);
    HOLDS(count == 5);
    RETURNS(SUCCESS, fd_write, fd, &text, 1, &count);
    RETURNS(INVAL, sock_send, fd, &text, 1, 1, &count);
    RETURNS(INVAL, sock_recv, fd, &into, 1, 4, &count, &flags);
    RETURNS(FAULT, sock_recv, fd, &fault, 1, 0, &count, &flags);
    RETURNS(FAULT, sock_recv, fd, &into, 1, 0, OUTSIDE, &flags);
    RETURNS(FAULT, sock_recv, fd, &into, 1, 0, &count, OUTSIDE);
    RETURNS(FAULT, sock_send, fd, &fault, 1, 0, &count);
    RETURNS(FAULT, sock_send, fd, &text, 1, 0, OUTSIDE);
    RETURNS(SPIPE, fd_seek, fd, 1, SET, bytes);
    RETURNS(SPIPE, fd_tell, fd, bytes);
    RETURNS(SPIPE, fd_advise, fd, 0, 1, 0);
    RETURNS(INVAL, fd_sync, fd);
    RETURNS(NOTSUP, fd_filestat_set_times, fd, 0, 0, 0);
    RETURNS(NOTSUP, fd_fdstat_set_flags, fd, APPEND);

    /* Ending one direction and the other. */
    RETURNS(INVAL, sock_shutdown, fd, 0);
    RETURNS(INVAL, sock_shutdown, fd, 4);
    RETURNS(SUCCESS, sock_shutdown, fd, 2);
    RETURNS(PIPE, sock_send, fd, &text, 1, 0, &count);
    RETURNS(PIPE, fd_write, fd, &text, 1, &count);
    RETURNS(SUCCESS, sock_shutdown, fd, 1);
    RETURNS(SUCCESS, sock_recv, fd, &into, 1, 0, &count, &flags);
    HOLDS(count == 0);
    RETURNS(SUCCESS, fd_close, fd);

    /* No connection, no socket, no descriptor. */
    RETURNS(NOTCONN, sock_recv, LISTENER, &into, 1, 0, &count, &flags);
    RETURNS(NOTCONN, sock_send, LISTENER, &text, 1, 0, &count);
    RETURNS(NOTCONN, sock_shutdown, LISTENER, 3);
    RETURNS(NOTSOCK, sock_recv, 0, &into, 1, 0, &count, &flags);
    RETURNS(NOTSOCK, sock_send, 1, &text, 1, 0, &count);
    RETURNS(NOTSOCK, sock_shutdown, HOST, 1);
    RETURNS(BADF, sock_recv, CLOSED, &into, 1, 0, &count, &flags);
    RETURNS(BADF, sock_send, CLOSED, &text, 1, 0, &count);
    RETURNS(BADF, sock_shutdown, CLOSED, 1);

    /* Messages: one a call, cut where it does not fit. */
    RETURNS(SUCCESS, fd_fdstat_get, DATAGRAM, &stat);
    HOLDS(stat.type == SOCKET_DGRAM);
    struct buffer two[2] = {{bytes, 2}, {bytes + 100, 3}};
    RETURNS(SUCCESS, sock_recv, DATAGRAM, two, 2, 0, &count, &flags);
    HOLDS(count == 5 && flags == 0 && memcmp(bytes, "fi", 2) == 0 && memcmp(bytes + 100, "rst", 3) == 0);
    RETURNS(SUCCESS, sock_recv, DATAGRAM, two, 1, 0, &count, &flags);
    HOLDS(count == 2 && flags == 1);
    RETURNS(SUCCESS, sock_send, DATAGRAM, &text, 1, 0, &count);

    /* What came from one who is gone is still read, and to send to him is no use. */
    RETURNS(SUCCESS, sock_recv, GONE, &into, 1, 2, &count, &flags);
    HOLDS(count == 4 && memcmp(bytes, "last", 4) == 0);
    RETURNS(SUCCESS, fd_read, GONE, &into, 1, &count);
    HOLDS(count == 0);
    RETURNS(PIPE, sock_send, GONE, &text, 1, 0, &count);

    /* Rights. */
    RETURNS(SUCCESS, fd_fdstat_set_rights, LISTENER, 0, 0);
    RETURNS(NOTCAPABLE, sock_accept, LISTENER, 0, &fd);
    RETURNS(SUCCESS, fd_fdstat_set_rights, STREAM, 0, 0);
    RETURNS(NOTCAPABLE, sock_recv, STREAM, &into, 1, 0, &count, &flags);
    RETURNS(NOTCAPABLE, sock_send, STREAM, &text, 1, 0, &count);
    RETURNS(NOTCAPABLE, sock_shutdown, STREAM, 3);
    RETURNS(BADF, fd_read, STREAM, &into, 1, &count);
    return 0;
}
