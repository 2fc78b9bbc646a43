package io.sluice.runtime;

/** The type of an import or export. */
public sealed interface ExternType permits FuncType, MemoryType, GlobalType, TableType {}
