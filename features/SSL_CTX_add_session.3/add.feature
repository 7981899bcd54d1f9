Feature: Adding a session to a context

  @clause:SSL_CTX_add_session.3/added
  Rule: The session is in the context's cache

    Scenario Outline: The number of entries goes up
      Given a <role> context with a cache
      And a session of <version> made by hand
      When the application adds the session to the cache
      Then the cache holds 1 entry more than before

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    Scenario Outline: It can be removed
      Given a <role> context with a cache
      And a session of <version> made by hand
      When the application adds the session to the cache
      And the application removes the session from the cache
      Then the call returns 1

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    @control
    Scenario: Another session is in the cache
      Given a client context with a cache
      And a session made by hand
      And a new session made by hand
      When the application adds the new session to the cache
      And the application removes the session from the cache
      Then the call returns 0

  @clause:SSL_CTX_add_session.3/add-reference
  Rule: One more reference is taken

    Scenario Outline: The count goes up
      Given a <role> context with a cache
      And a session of <version> made by hand
      When the application adds the session to the cache
      Then the session has 1 reference more than before

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    Scenario: Another session takes the reference
      Given a client context with a cache
      And a session made by hand
      And a new session made by hand
      When the application adds the new session to the cache
      Then the session has as many references as before

    Scenario: The cache holds the last reference
      Given a client context with a cache
      And a session made by hand
      When the application adds the session to the cache
      And the application releases the session
      Then the session is not destroyed

    @control
    Scenario: The cache holds none
      Given a client context with a cache
      And a session made by hand
      When the application releases the session
      Then the session is destroyed

  @clause:SSL_CTX_add_session.3/add-succeeds-with-1
  Rule: Adding a session that was not there returns 1

    Scenario Outline: It was not there
      Given a <role> context with a cache
      And a session of <version> made by hand
      When the application adds the session to the cache
      Then the call returns 1

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

  @clause:SSL_CTX_add_session.3/returns-0-or-1
  Rule: Both functions return 0 or 1

    Scenario: A session is added
      Given a client context with a cache
      And a session made by hand
      When the application adds the session to the cache
      Then the call returns 0 or 1

    Scenario: A session is removed
      Given a client context with a cache
      And a session made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then the call returns 0 or 1

    Scenario: A session that is not there is removed
      Given a client context with a cache
      And a session made by hand
      When the application removes the session from the cache
      Then the call returns 0 or 1

  @clause:SSL_CTX_add_session.3/without-id
  Rule: Can a session without a session id be in the cache?

    Scenario: One is added
      Given a client context with a cache
      And a session without a session id
      When the application adds the session to the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds

    Scenario: Two are added
      Given a client context with a cache
      And a session without a session id
      And a new session without a session id
      When the application adds the session to the cache
      And the application adds the new session to the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds

    Scenario: One is removed
      Given a client context with a cache
      And a session without a session id
      When the application adds the session to the cache
      And the application removes the session from the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds
