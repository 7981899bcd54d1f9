Feature: Adding a session when there is one with the same session id

  @clause:SSL_CTX_add_session.3/same-id-replaced
  Rule: Another object with the same session id takes its place

    Scenario Outline: Another object with the same session id is added
      Given a <role> context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application adds the new session to the cache
      Then the call returns 1
      And the cache holds as many entries as before
      And the new session has 1 reference more than before

      Examples:
        | role   |
        | client |
        | server |

    Scenario: The new object can be removed
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application adds the new session to the cache
      And the application removes the new session from the cache
      Then the call returns 1
      And the new session has as many references as before

  @clause:SSL_CTX_add_session.3/same-id-released-once
  Rule: The object that was replaced is released exactly once

    Scenario Outline: The application holds a reference too
      Given a <role> context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application adds the new session to the cache
      Then the old session has 1 reference fewer than before

      Examples:
        | role   |
        | client |
        | server |

    Scenario: The cache held the last reference
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And the application has released the old session
      And a new session with the same session id
      When the application adds the new session to the cache
      Then the old session is destroyed

  @clause:SSL_CTX_add_session.3/other-id-kept
  Rule: Sessions with other session ids stay

    Scenario Outline: An object with another session id is added
      Given a <role> context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a new session made by hand
      When the application adds the new session to the cache
      Then the cache holds 1 entry more than before
      And the old session has as many references as before

      Examples:
        | role   |
        | client |
        | server |

    Scenario: The cache holds the last reference
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And the application has released the old session
      And a new session made by hand
      When the application adds the new session to the cache
      Then the old session is not destroyed

  @clause:SSL_CTX_add_session.3/identical-returns-0
  Rule: Adding the very object again returns 0

    Scenario Outline: The object is added twice
      Given a <role> context with a cache
      And a session of <version> made by hand
      And the session is in the cache
      When the application adds the session to the cache
      Then the call returns 0

      Examples:
        | role   | version |
        | client | TLSv1.2 |
        | client | TLSv1.3 |
        | server | TLSv1.2 |
        | server | TLSv1.3 |

    @control
    Scenario: The object is added again after it was removed
      Given a client context with a cache
      And a session made by hand
      And the session is in the cache
      And the application has removed the session from the cache
      When the application adds the session to the cache
      Then the call returns 1

  @clause:SSL_CTX_add_session.3/identical-changes-nothing
  Rule: Adding the very object again changes nothing

    Scenario Outline: References and entries
      Given a <role> context with a cache
      And a session made by hand
      And the session is in the cache
      When the application adds the session to the cache
      Then the session has as many references as before
      And the cache holds as many entries as before

      Examples:
        | role   |
        | client |
        | server |

    Scenario: The mark
      Given a client context with a cache
      And a session made by hand
      And the session is in the cache
      When the application adds the session to the cache
      Then the session is not marked as not resumable

    Scenario: Which session is evicted next
      Given a client context whose cache has room for 3 sessions
      And a first session that expires in 100 seconds
      And a second session that expires in 200 seconds
      And the first session is in the cache
      And the second session is in the cache
      When the application adds the first session to the cache
      And the application adds further sessions until one has left the cache
      Then the same one has left as leaves a cache to which none was added again

  @clause:SSL_CTX_add_session.3/replaced-marked
  Rule: Is the session that was replaced marked, and does the callback hear of it?

    Scenario: The old one is replaced
      Given a client context with a cache
      And the application has a callback for removed sessions
      And an old session made by hand
      And the old session is in the cache
      And a new session with the same session id
      When the application adds the new session to the cache
      Then it is noted whether the old session is marked
      And it is noted which sessions the callback has heard of

  @clause:SSL_CTX_add_session.3/same-id-other-version
  Rule: Do two sessions with the same session id but of different versions make one entry or two?

    Scenario Outline: One of another version is added
      Given a client context with a cache
      And an old session of <version> made by hand
      And the old session is in the cache
      And a new session of <other version> with the same session id
      When the application adds the new session to the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds

      Examples:
        | version | other version |
        | TLSv1.2 | TLSv1.3       |
        | TLSv1.3 | TLSv1.2       |

  @clause:SSL_CTX_add_session.3/order-of-eviction
  Rule: Which session makes room when the cache is full?

    Scenario: The one added first expires last
      Given a client context whose cache has room for 3 sessions
      And a first session that expires in 5000 seconds
      And a second session that expires in 100 seconds
      And the first session is in the cache
      And the second session is in the cache
      When the application adds further sessions until one has left the cache
      Then it is noted which sessions have left the cache

    Scenario: The one added first expires first
      Given a client context whose cache has room for 3 sessions
      And a first session that expires in 100 seconds
      And a second session that expires in 5000 seconds
      And the first session is in the cache
      And the second session is in the cache
      When the application adds further sessions until one has left the cache
      Then it is noted which sessions have left the cache

  @clause:SSL_CTX_add_session.3/context-freed
  Rule: What becomes of the sessions when the context is freed?

    Scenario: The cache holds a session
      Given a client context with a cache
      And the application has a callback for removed sessions
      And a session made by hand
      And the session is in the cache
      When the application frees the context
      Then it is noted how many references the session has
      And it is noted whether the session is marked
      And it is noted which sessions the callback has heard of
