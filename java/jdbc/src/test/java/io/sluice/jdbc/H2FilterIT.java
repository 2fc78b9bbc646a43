package io.sluice.jdbc;

class H2FilterIT extends FilterCases {
    H2FilterIT() {
        super(Backend.H2);
    }
}
