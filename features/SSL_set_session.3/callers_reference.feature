Feature: The caller's reference stays the caller's

  @clause:SSL_set_session.3/callers-reference-kept
  Rule: When the connection is gone, the session is still there

    Scenario: The connection is freed
      Given a client context
      And a session made by hand
      When the application sets the session on a new connection
      And the connection is freed
      Then the session has as many references as before

    @control
    Scenario: The connection is freed and the application releases the session
      Given a client context
      And a session made by hand
      When the application sets the session on a new connection
      And the connection is freed
      And the application releases the session
      Then the session is destroyed
