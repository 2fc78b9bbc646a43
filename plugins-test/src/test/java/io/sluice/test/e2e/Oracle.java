package io.sluice.test.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.ImportType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The C guest on another binding of another Wasmtime, for {@link OracleIT}: prints the guest's message for each query of
 * {@link Verdicts}, one a line. In a JVM of its own, since both libraries handle the same signals.
 */
final class Oracle {
    private final Store<@Nullable Void> store;
    private final Func before;
    private final Func malloc;
    private final Memory memory;
    private byte[] query = {};
    private String error = "";

    private Oracle(Engine engine) {
        store = new Store<>(null, engine);
        Module module = new Module(engine, GuestFiles.bytes(GuestFiles.REJECT));
        List<Extern> imports = new ArrayList<>();
        for (ImportType imported : module.imports()) {
            imports.add(Extern.fromFunc(new Func(store, imported.func(), handler(imported.name()))));
        }
        Instance instance = new Instance(store, module, imports);
        before = instance.getFunc(store, "RunBeforeExecutionOnGuest").orElseThrow();
        malloc = instance.getFunc(store, "malloc").orElseThrow();
        memory = instance.getMemory(store, "memory").orElseThrow();
    }

    public static void main(String[] arguments) {
        Oracle oracle = new Oracle(new Engine());
        for (String query : Verdicts.table().keySet()) {
            System.out.println("verdict: " + oracle.verdict(query));
        }
    }

    private String verdict(String text) {
        query = text.getBytes(UTF_8);
        error = "";
        before.call(store, Val.fromI64(1));
        return error;
    }

    private Func.Handler<@Nullable Void> handler(String name) {
        return switch (name) {
            case "GetQueryOnHost" -> (caller, values, results) -> results[0] = Val.fromI32(giveQuery(values));
            case "SetErrorMessageOnHost" ->
                (caller, values, results) -> {
                    byte[] message = new byte[values[2].i32()];
                    view().get(values[1].i32(), message);
                    error = new String(message, UTF_8);
                    results[0] = Val.fromI32(0);
                };
            default ->
                throw new IllegalStateException("the guest imports " + name + ", which the oracle does not offer");
        };
    }

    private int giveQuery(Val[] values) {
        if (query.length == 0) {
            return 2;
        }
        int address = malloc.call(store, Val.fromI32(query.length))[0].i32();
        view().put(address, query).putInt(values[1].i32(), address).putInt(values[2].i32(), query.length);
        return 0;
    }

    private ByteBuffer view() {
        return memory.buffer(store).order(ByteOrder.LITTLE_ENDIAN);
    }
}
