Feature: The caller's reference to what is added stays the caller's

  @clause:SSL_CTX_add_session.3/add-keeps-callers-reference
  Rule: When the session has left the cache, it is still there

    Scenario: The session is removed again
      Given a client context with a cache
      And a session made by hand
      When the application adds the session to the cache
      And the application removes the session from the cache
      Then the session has as many references as before

    @control
    Scenario: The session is removed again and the application releases it
      Given a client context with a cache
      And a session made by hand
      When the application adds the session to the cache
      And the application removes the session from the cache
      And the application releases the session
      Then the session is destroyed
