package io.sluice.test.e2e;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may depend on whom: integrations -> sql -> plugin -> runtime -> runtime.internal, and no arrow back. */
@AnalyzeClasses(packages = "io.sluice")
class ArchitectureTest {
    private static final String INTERNAL = "io.sluice.runtime.internal..";

    @ArchTest
    static final ArchRule arrowsPointDownwards = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("internal")
            .definedBy(INTERNAL)
            .layer("runtime")
            .definedBy("io.sluice.runtime", "io.sluice.runtime.abi..")
            .layer("plugin")
            .definedBy("io.sluice.plugin..")
            .layer("sql")
            .definedBy("io.sluice.sql..")
            .layer("jdbc")
            .definedBy("io.sluice.jdbc..")
            .layer("programs")
            .definedBy("io.sluice.test..")
            .whereLayer("programs")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("jdbc")
            .mayOnlyBeAccessedByLayers("programs")
            .whereLayer("sql")
            .mayOnlyBeAccessedByLayers("jdbc", "programs")
            .whereLayer("plugin")
            .mayOnlyBeAccessedByLayers("sql", "jdbc", "programs")
            .whereLayer("runtime")
            .mayOnlyBeAccessedByLayers("internal", "plugin", "sql", "jdbc", "programs")
            .whereLayer("internal")
            .mayOnlyBeAccessedByLayers("runtime")
            // Attacks go round the API on purpose.
            .ignoreDependency(resideInAPackage("io.sluice.test.hostile"), resideInAPackage(INTERNAL));

    @ArchTest
    static final ArchRule nativeMethodsAreInternal = methods()
            .that()
            .haveModifier(JavaModifier.NATIVE)
            .should()
            .beDeclaredInClassesThat()
            .resideInAPackage(INTERNAL)
            .andShould()
            .beStatic();

    @ArchTest
    static final ArchRule runtimeNeedsTheJdkOnly = noClasses()
            .that()
            .resideInAPackage("io.sluice.runtime..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("java..", "io.sluice.runtime..", "org.jspecify..");

    @ArchTest
    static final ArchRule pluginAndSqlKnowNothingOfJdbc = noClasses()
            .that()
            .resideInAnyPackage("io.sluice.runtime..", "io.sluice.plugin..", "io.sluice.sql..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.sql..");

    @ArchTest
    static final ArchRule nobodyNeedsBenchmarks =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.sluice.bench..");
}
