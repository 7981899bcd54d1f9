/* Why a handshake has failed. */
static char failure[400];

/* Adds `text` to it, after `separator`. */
static void tell(const char *separator, const char *text)
{
    const size_t used = strlen(failure);

    snprintf(failure + used, sizeof failure - used, "%s%s", separator, text);
}

/* One turn of one end of a handshake: 1 done, 0 waiting for the other end, -1 failed. */
static int turn(SSL *ssl, int (*function)(SSL *), const char *call)
{
    const char *separator = ": ", *reason;
    unsigned long code;
    int result, error;

    doing = call;
    ERR_clear_error();
    result = function(ssl);
    error = result == 1 ? 0 : SSL_get_error(ssl, result);
    if (result == 1 || error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return result == 1;
    snprintf(failure, sizeof failure, "it failed: %s", call);
    while ((code = ERR_get_error()) != 0) {
        reason = ERR_reason_error_string(code);
        tell(separator, reason ? reason : "an error without a text");
        separator = "; ";
    }
    if (separator[0] == ':')
        tell(separator, error == SSL_ERROR_SYSCALL ? "SSL_ERROR_SYSCALL" : error == SSL_ERROR_ZERO_RETURN ? "SSL_ERROR_ZERO_RETURN" : "SSL_ERROR_SSL");
    return -1;
}

/* Takes turns until both ends are done; returns NULL then, and otherwise why they are not. */
static const char *shake(SSL *client, const char *connect, SSL *server, const char *accept)
{
    int left, of_client = 0, of_server = 0;

    for (left = 12; left > 0 && (of_client == 0 || of_server == 0); left--) {
        if (of_client == 0)
            of_client = turn(client, SSL_connect, connect);
        if (of_client >= 0 && of_server == 0)
            of_server = turn(server, SSL_accept, accept);
        if (of_client < 0 || of_server < 0)
            return failure;
    }
    return of_client && of_server ? NULL : "it failed: it did not come to an end";
}
