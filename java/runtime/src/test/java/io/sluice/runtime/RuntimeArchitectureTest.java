package io.sluice.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuntimeArchitectureTest {
    private static final String INTERNAL = "io.sluice.runtime.internal";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.sluice.runtime");

    private static final DescribedPredicate<JavaMethod> NATIVE = DescribedPredicate.describe(
            "native", method -> method.getModifiers().contains(JavaModifier.NATIVE));

    @Test
    void nativeMethodsAreStaticAndInternalOnly() {
        methods()
                .that(NATIVE)
                .should()
                .beDeclaredInClassesThat()
                .resideInAPackage(INTERNAL)
                .andShould()
                .beStatic()
                .check(CLASSES);
    }

    @Test
    void nativeMethodsHaveNoOverloads() {
        for (JavaClass type : CLASSES) {
            Set<String> names = new HashSet<>();
            for (JavaMethod method : type.getMethods()) {
                if (NATIVE.test(method)) {
                    assertThat(names.add(method.getName()))
                            .as(method.getFullName())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void nothingPublicExposesInternalTypes() {
        for (JavaClass type : CLASSES) {
            if (type.getPackageName().equals(INTERNAL) || !type.getModifiers().contains(JavaModifier.PUBLIC)) {
                continue;
            }
            type.getMembers().stream()
                    .filter(member -> member.getModifiers().contains(JavaModifier.PUBLIC)
                            || member.getModifiers().contains(JavaModifier.PROTECTED))
                    .forEach(member -> assertThat(member.getAllInvolvedRawTypes())
                            .as(member.getFullName())
                            .noneMatch(involved -> involved.getPackageName().equals(INTERNAL)));
        }
    }

    @Test
    void publicTypesCannotBeExtendedOrMadeByUsers() {
        for (JavaClass type : CLASSES) {
            if (type.getPackageName().equals(INTERNAL)
                    || !type.getModifiers().contains(JavaModifier.PUBLIC)
                    || type.isInterface()
                    || type.isRecord()
                    || type.isEnum()
                    || type.isEquivalentTo(WasmException.class)) {
                continue;
            }
            assertThat(type.getModifiers()).as(type.getName()).contains(JavaModifier.FINAL);
            assertThat(type.getConstructors())
                    .as(type.getName())
                    .noneMatch(constructor -> constructor.getModifiers().contains(JavaModifier.PUBLIC));
        }
    }

    @Test
    void theBindingDependsOnTheJdkOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.sluice.runtime..", "java..", "org.jspecify.annotations")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.sluice.runtime")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.runtime.abi")
                .check(CLASSES);
    }
}
