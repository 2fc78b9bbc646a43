# Artifacts that the published modules (java/) may bring along at runtime, each with its licence.
com.github.jsqlparser:jsqlparser Apache-2.0
com.google.protobuf:protobuf-java BSD-3-Clause
com.google.re2j:re2j BSD-3-Clause
io.netty:netty-buffer Apache-2.0
io.netty:netty-common Apache-2.0
io.netty:netty-resolver Apache-2.0
io.netty:netty-transport Apache-2.0
info.picocli:picocli Apache-2.0
org.antlr:antlr4-runtime BSD-3-Clause
org.tomlj:tomlj Apache-2.0
