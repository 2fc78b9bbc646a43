# Artifacts that the published modules (java/) may bring along at runtime, each with its licence.
com.google.protobuf:protobuf-java BSD-3-Clause
com.google.re2j:re2j BSD-3-Clause
