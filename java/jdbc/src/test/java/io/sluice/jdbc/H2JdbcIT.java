package io.sluice.jdbc;

class H2JdbcIT extends JdbcCases {
    H2JdbcIT() {
        super(Backend.H2);
    }
}
