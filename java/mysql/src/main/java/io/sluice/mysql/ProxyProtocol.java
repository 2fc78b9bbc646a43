package io.sluice.mysql;

/** How a server is told for whom the gateway connects. */
public enum ProxyProtocol {
    /** Not at all. */
    OFF,
    /** By a line of text. */
    V1,
    /** In binary. */
    V2
}
