package io.sluice.mysql;

/** Whether one side of a gateway is encrypted. */
public enum TlsMode {
    /** Never. */
    OFF,
    /** If the other end can. */
    PREFERRED,
    /** Always: who cannot is refused. */
    REQUIRED,
    /** Always, and the server's certificate must be one for its name from a known authority; for the server's side only. */
    VERIFIED
}
