/* Two sockets that do not block, connected to each other. */
static int socket_pair(int *one, int *two)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return -1;
    *one = ends[0];
    *two = ends[1];
    return fcntl(*one, F_SETFL, O_NONBLOCK) | fcntl(*two, F_SETFL, O_NONBLOCK);
}
