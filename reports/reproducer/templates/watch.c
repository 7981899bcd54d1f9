/* Called by the library when it destroys a session: the variable that holds it becomes NULL. A copy of the session has
   the same `variable`, but is not what that holds. */
static void destroyed(void *session, void *variable, void *data, int index, long argl, void *argp)
{
    SSL_SESSION **held = variable;

    (void)data, (void)index, (void)argl, (void)argp;
    if (held != NULL && (session == NULL || session == *held))
        *held = NULL;
}

static void watch(SSL_SESSION **variable)
{
    int index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, destroyed);

    SSL_SESSION_set_ex_data(*variable, index, variable);
}
