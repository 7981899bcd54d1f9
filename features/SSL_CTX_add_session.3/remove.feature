Feature: Removing a session from a context

  @clause:SSL_CTX_add_session.3/removed
  Rule: The session is no longer in the cache

    Scenario Outline: The number of entries goes down
      Given a <role> context with a cache
      And a session of <version> made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then the cache holds 1 entry fewer than before

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    Scenario: One of two is removed
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session made by hand
      And the new session is in the cache
      When the application removes the old session from the cache
      Then the cache holds 1 entry fewer than before
      And the new session has as many references as before

    @control
    Scenario: The other of two is removed
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session made by hand
      And the new session is in the cache
      When the application removes the new session from the cache
      Then the new session has 1 reference fewer than before

  @clause:SSL_CTX_add_session.3/remove-marks
  Rule: The session is marked as not resumable

    Scenario Outline: The session is removed
      Given a <role> context with a cache
      And a session of <version> made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then the session is marked as not resumable

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    Scenario Outline: Another one is removed
      Given a <role> context with a cache
      And a session of <version> made by hand
      And the session is in the cache
      And a new session of <version> made by hand
      And the new session is in the cache
      When the application removes the new session from the cache
      Then the session is not marked as not resumable

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

  @clause:SSL_CTX_add_session.3/removed-is-not-resumed
  Rule: A session that the client has removed is not resumed when it is offered

    Scenario Outline: It is removed before it is offered
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the client keeps a cache
      And the session is in the client's cache
      And the application has removed the session from the client's cache
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: It is not removed
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the client keeps a cache
      And the session is in the client's cache
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_CTX_add_session.3/remove-releases-once
  Rule: The cache's reference is given back exactly once

    Scenario Outline: The application holds a reference too
      Given a <role> context with a cache
      And a session of <version> made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then the session has 1 reference fewer than before

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    Scenario: A connection holds the other reference
      Given a client context with a cache
      And a session made by hand
      And the session is in the cache
      And a connection on which the session was set
      And the application has released the session
      When the application removes the session from the cache
      Then the session is not destroyed
      When the connection is freed
      Then the session is destroyed

  @clause:SSL_CTX_add_session.3/remove-succeeds-with-1
  Rule: Removing a session that is there returns 1

    Scenario Outline: It is in the cache
      Given a <role> context with a cache
      And a session of <version> made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then the call returns 1

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

  @clause:SSL_CTX_add_session.3/absent-returns-0
  Rule: Removing a session that is not there returns 0

    Scenario Outline: It was never added
      Given a <role> context with a cache
      And a session of <version> made by hand
      When the application removes the session from the cache
      Then the call returns 0

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    Scenario: It was removed before
      Given a client context with a cache
      And a session made by hand
      And the session is in the cache
      And the application has removed the session from the cache
      When the application removes the session from the cache
      Then the call returns 0

    Scenario: Another one is there
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session made by hand
      When the application removes the new session from the cache
      Then the call returns 0
      And the cache holds as many entries as before

  @clause:SSL_CTX_add_session.3/absent-marked
  Rule: Is a session that was not there marked all the same?

    Scenario: A session that was never added is removed
      Given a client context with a cache
      And the application has a callback for removed sessions
      And a session made by hand
      When the application removes the session from the cache
      Then it is noted whether the session is marked
      And it is noted which sessions the callback has heard of
      And it is noted how many references the session has

  @clause:SSL_CTX_add_session.3/remove-by-other-object
  Rule: What happens when another object with the same session id is removed?

    Scenario: What is returned, and what is in the cache
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application removes the new session from the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds

    Scenario: Which of the two is released
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application removes the new session from the cache
      Then it is noted how many references the old session has
      And it is noted how many references the new session has

    Scenario: Which of the two is marked
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application removes the new session from the cache
      Then it is noted whether the old session is marked
      And it is noted whether the new session is marked

    Scenario: Which of the two goes to the callback
      Given a client context with a cache
      And the application has a callback for removed sessions
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application removes the new session from the cache
      Then it is noted which sessions the callback has heard of
