package io.sluice.jdbc;

import io.sluice.sql.FilterSet;
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
 * <p><b>Threads.</b> Shared, if the wrapped one is. <b>Ownership.</b> Owns neither the wrapped data source nor the plugins.
 */
public final class SluiceDataSource implements DataSource {
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
                new Filtering(Objects.requireNonNull(filters, "filters"), null));
    }

    /** As {@link #wrap(DataSource, FilterSet)}, with code that is told of every query. */
    public static SluiceDataSource wrap(DataSource dataSource, FilterSet filters, QueryListener listener) {
        return new SluiceDataSource(
                Objects.requireNonNull(dataSource, "dataSource"),
                new Filtering(
                        Objects.requireNonNull(filters, "filters"), Objects.requireNonNull(listener, "listener")));
    }

    /** The filters that every statement goes through. */
    public FilterSet filters() {
        return filtering.filters();
    }

    @Override
    public Connection getConnection() throws SQLException {
        return ConnectionHandler.wrap(delegate.getConnection(), filtering);
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return ConnectionHandler.wrap(delegate.getConnection(username, password), filtering);
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
