#define _POSIX_C_SOURCE 200809L
{% for header in headers %}
#include <{{ header }}>
{% endfor %}

/* What <openssl/ssl.h> and its kin would declare, as far as it is used here. */
{% for line in library %}
{{ line }}
{% endfor %}
