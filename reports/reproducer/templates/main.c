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
