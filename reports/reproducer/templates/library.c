#define _POSIX_C_SOURCE 200809L
{% for header in headers %}
#include <{{ header }}>
{% endfor %}

/* What <openssl/ssl.h> and its kin would declare, as far as it is used here. */
{% for group in library %}
{% for line in group %}
{{ line }}
{% endfor %}
{% if not loop.last %}

{% endif %}
{% endfor %}
