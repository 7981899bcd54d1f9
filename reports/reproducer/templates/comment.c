/*
{% for line in comment %}
 *{{ line }}
{% endfor %}
 */
