package io.sluice.jdbc;

class H2ReadResultIT extends ReadResultCases {
    H2ReadResultIT() {
        super(Backend.H2);
    }
}
