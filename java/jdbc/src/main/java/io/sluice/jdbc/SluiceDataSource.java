package io.sluice.jdbc;

import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlDialect;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.ShardingKeyBuilder;
import java.util.Objects;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source whose connections put every statement through a filter chain.
 *
 * <pre>{@code
 * DataSource filtered = SluiceDataSource.wrap(dataSource, FilterSet.of(SqlFilter.of(plugin)));
 * }</pre>
 *
 * <p>Plugins see texts, bind values and results of rows and counts. They are not shown the OUT parameters of a procedure, nor what an
 * application writes through an updatable result set, which has no text: give the application's user no procedures that hand out what a
 * plugin masks. A result that a plugin has read cannot be written to.
 *
 * <p>What a filter holds for a query, a plugin's instance, its locks, or a place under concurrency control, it holds while the statement is
 * executed, and not while the application reads the result; a statement that fails or is rejected gives it back as well.
 *
 * <p>A prepared batch is one query for the filters. Where a filter has conditions on bind values, or a plugin is granted them, and one of
 * the rows concerns it, each row is a query of its own, in a batch of one for the driver. The value of a stream, a LOB or an array is {@link
 * io.sluice.sql.SqlRequest#UNKNOWN_VALUE not known}, and so are all values of a statement that has parameters set by name.
 *
 * <p><b>Threads.</b> Shared, if the wrapped one is. <b>Ownership.</b> Owns neither the wrapped data source nor the plugins.
 */
public final class SluiceDataSource implements DataSource {
    /**
     * The client info property that says for which user of the application a connection is used from now on: {@code
     * connection.setClientInfo(SluiceDataSource.USER, "ada")}. It is not the driver's and does not reach it; null or an empty text
     * brings the data source's own back.
     */
    public static final String USER = "sluice.user";

    /** The client info property that says for a client at which IP address a connection is used from now on; as {@link #USER}. */
    public static final String CLIENT_ADDRESS = "sluice.client_address";

    private final DataSource delegate;
    private final Filtering filtering;

    private SluiceDataSource(DataSource delegate, Filtering filtering) {
        this.delegate = delegate;
        this.filtering = filtering;
    }

    /** Puts filters in front of a data source. What is changed in the set holds for connections that are open, too. */
    public static SluiceDataSource wrap(DataSource dataSource, FilterSet filters) {
        return new SluiceDataSource(
                Objects.requireNonNull(dataSource, "dataSource"),
                new Filtering(Objects.requireNonNull(filters, "filters"), null, "", "", null, ErrorTexts.COMPATIBLE));
    }

    /** As {@link #wrap(DataSource, FilterSet)}, with code that is told of every query. */
    public static SluiceDataSource wrap(DataSource dataSource, FilterSet filters, QueryListener listener) {
        return wrap(dataSource, filters).withListener(listener);
    }

    /** A copy with code that is told of every query. */
    public SluiceDataSource withListener(QueryListener listener) {
        return new SluiceDataSource(delegate, filtering.withListener(Objects.requireNonNull(listener, "listener")));
    }

    /**
     * A copy whose connections belong to a user of the application's, for filters and plugins that look at users, until {@link #USER} of a
     * connection names another; by default it is the user that is logged in to the database.
     */
    public SluiceDataSource withUser(String user) {
        return new SluiceDataSource(delegate, filtering.withUser(Objects.requireNonNull(user, "user")));
    }

    /**
     * A copy whose connections are used on behalf of a client at that IP address, for filters and plugins that look at it, until {@link
     * #CLIENT_ADDRESS} of a connection names another; by default it is not known. An embedded chain cannot see it: there is no wire.
     */
    public SluiceDataSource withClientAddress(String clientAddress) {
        return new SluiceDataSource(
                delegate, filtering.withClientAddress(Objects.requireNonNull(clientAddress, "clientAddress")));
    }

    /**
     * A copy for a server that reads texts in that way. By default MySQL and MariaDB are asked for their version and {@code sql_mode},
     * which costs a round trip for a connection and one more after each statement that may have changed the mode; other databases
     * are taken to have double quotes round identifiers and no backslash escapes.
     */
    public SluiceDataSource withDialect(SqlDialect dialect) {
        return new SluiceDataSource(delegate, filtering.withDialect(Objects.requireNonNull(dialect, "dialect")));
    }

    /**
     * A copy that treats errors which plugins leave alone in that way. With {@link ErrorTexts#KEPT} an error of the database reaches the
     * application as the driver's own exception, with its code and SQLSTATE; by default it becomes one of 1105, HY000 wherever a plugin
     * was called, as in WeScale.
     */
    public SluiceDataSource withErrorTexts(ErrorTexts errorTexts) {
        return new SluiceDataSource(
                delegate, filtering.withErrorTexts(Objects.requireNonNull(errorTexts, "errorTexts")));
    }

    /** The filters that every statement goes through. */
    public FilterSet filters() {
        return filtering.filters();
    }

    @Override
    public Connection getConnection() throws SQLException {
        return ConnectionHandler.wrap(delegate.getConnection(), filtering, null);
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return ConnectionHandler.wrap(delegate.getConnection(username, password), filtering, username);
    }

    /** Not offered: the builder's connections would go round the filters. */
    @Override
    public ConnectionBuilder createConnectionBuilder() throws SQLException {
        throw new SQLFeatureNotSupportedException(
                "a filtered data source has no connection builder; use getConnection");
    }

    @Override
    public ShardingKeyBuilder createShardingKeyBuilder() throws SQLException {
        return delegate.createShardingKeyBuilder();
    }

    @Override
    public @Nullable PrintWriter getLogWriter() throws SQLException {
        return delegate.getLogWriter();
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        delegate.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        delegate.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return delegate.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        return delegate.getParentLogger();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        return type.isInstance(delegate) ? type.cast(delegate) : delegate.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return type.isInstance(this) || type.isInstance(delegate) || delegate.isWrapperFor(type);
    }
}
