/*
{% for line in comment %}
 *{{ line }}
{% endfor %}
 */
#define _POSIX_C_SOURCE 200809L
{% for header in headers %}
#include <{{ header }}>
{% endfor %}

/* What <openssl/ssl.h> and its kin would declare, as far as it is used here. */
{% for line in library %}
{{ line }}
{% endfor %}

/* What stands below main. */
{% for line in declared %}
{{ line }}
{% endfor %}

/* What the case is about. */
{% for line in objects %}
{{ line }}
{% endfor %}

int main(void)
{
{% for line in locals %}
    {{ line }}
{% endfor %}

    begin();
{% for line in statements %}
{{ line }}
{% endfor %}
}
