package io.sluice.jdbc;

import java.sql.SQLException;
import java.sql.Statement;

/** The filtered statement that a result belongs to. */
interface Answered {
    /** The statement as the application knows it. */
    Statement statement();

    /** Tells that a result which stands for the driver's was closed: a statement may close with its results. */
    void resultClosed() throws SQLException;
}
