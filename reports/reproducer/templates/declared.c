/* What stands below main. */
{% for line in declared %}
{{ line }}
{% endfor %}
