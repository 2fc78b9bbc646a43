/** The MySQL gateway: the filter chain between any MySQL client and a MySQL or MariaDB server. */
module io.sluice.mysql {
    requires transitive io.sluice.sql;
    requires transitive java.sql;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.haproxy;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires org.apache.commons.compress;
    requires static org.jspecify;

    exports io.sluice.mysql;
}
