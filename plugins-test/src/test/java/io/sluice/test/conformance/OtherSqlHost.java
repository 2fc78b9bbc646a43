package io.sluice.test.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.github.kawamuray.wasmtime.Caller;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError;
import io.github.kawamuray.wasmtime.WasmtimeException;
import io.github.kawamuray.wasmtime.wasi.WasiCtx;
import io.github.kawamuray.wasmtime.wasi.WasiCtxBuilder;
import io.sluice.test.conformance.Binding.Ended;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The current dialect once more, written from its specification with the functions of the other binding. */
final class OtherSqlHost implements SqlCases.Host {
    private static final int OK = 0;
    private static final int BAD_ARGUMENT = 2;
    private static final int INTERNAL_FAILURE = 10;

    private static final String GUEST = "guest";
    private static final String PAIR = "ii";
    private static final String WITH_CONTEXT = "lii";

    /** The functions, by name, with their parameters. Each answers a status. */
    private static final Map<String, String> FUNCTIONS = Map.of(
            "GetAbiVersionOnHost", PAIR,
            "GetRuntimeTypeOnHost", PAIR,
            "InfoLogOnHost", PAIR,
            "ErrorLogOnHost", PAIR,
            "GetQueryOnHost", WITH_CONTEXT,
            "SetQueryOnHost", WITH_CONTEXT,
            "GetErrorMessageOnHost", WITH_CONTEXT,
            "SetErrorMessageOnHost", WITH_CONTEXT,
            "GetQueryResultOnHost", WITH_CONTEXT,
            "SetQueryResultOnHost", WITH_CONTEXT);

    private final Engine engine = new Engine();

    static boolean offers(String name) {
        return FUNCTIONS.containsKey(name);
    }

    @Override
    public SqlGuest load(byte[] wasm) {
        return new Guest(engine, new Module(engine, wasm));
    }

    private static final class Guest implements SqlGuest {
        private final Engine engine;
        private final Module module;
        private long context;
        private @Nullable Store<Void> store;
        private @Nullable Linker linker;
        private byte[] query = {};
        private boolean queryChanged;
        private byte[] error = {};
        private byte @Nullable [] result;
        private final StringBuilder log = new StringBuilder();

        Guest(Engine engine, Module module) {
            this.engine = engine;
            this.module = module;
        }

        @Override
        public void before(byte[] given) throws Ended {
            log.setLength(0);
            query = given;
            queryChanged = false;
            error = new byte[0];
            result = null;
            context++;
            try {
                instantiate();
                export("RunBeforeExecutionOnGuest").call(store(), Val.fromI64(context));
            } catch (WasmtimeException | WasmFunctionError e) {
                throw OtherBinding.ended(e);
            }
        }

        @Override
        public void after(byte @Nullable [] givenError, byte @Nullable [] givenResult) throws Ended {
            log.setLength(0);
            queryChanged = false;
            error = givenError == null ? new byte[0] : givenError;
            result = givenResult;
            try {
                export("RunAfterExecutionOnGuest").call(store(), Val.fromI64(context));
            } catch (WasmtimeException | WasmFunctionError e) {
                throw OtherBinding.ended(e);
            }
        }

        /** A new store; the linker runs {@code _initialize}. */
        private void instantiate() {
            dispose();
            WasiCtx wasi = new WasiCtxBuilder().arg("plugin").build();
            store = new Store<>(null, engine, wasi);
            linker = new Linker(engine);
            WasiCtx.addToLinker(linker);
            FUNCTIONS.forEach((name, params) -> {
                FuncType type = new FuncType(OtherBinding.types(params), OtherBinding.types("i"));
                Func func = new Func(
                        store(),
                        type,
                        (Caller<Void> caller, Val[] values, Val[] results) ->
                                results[0] = Val.fromI32(answer(caller, name, values)));
                linker().define(store(), "env", name, Extern.fromFunc(func));
            });
            linker().module(store(), GUEST, module);
        }

        private Store<Void> store() {
            return Objects.requireNonNull(store);
        }

        private Linker linker() {
            return Objects.requireNonNull(linker);
        }

        private Func export(String name) {
            return linker().get(store(), GUEST, name).orElseThrow().func();
        }

        private int answer(Caller<Void> caller, String name, Val[] values) {
            boolean hasContext = values.length == 3;
            if (hasContext && values[0].i64() != context) {
                return BAD_ARGUMENT;
            }
            int first = values[values.length - 2].i32();
            int second = values[values.length - 1].i32();
            return switch (name) {
                case "GetAbiVersionOnHost" -> give(caller, "v1alpha1".getBytes(UTF_8), first, second);
                case "GetRuntimeTypeOnHost" -> give(caller, "wasmtime".getBytes(UTF_8), first, second);
                case "GetQueryOnHost" -> give(caller, query, first, second);
                case "GetErrorMessageOnHost" -> give(caller, error, first, second);
                case "GetQueryResultOnHost" -> give(caller, result, first, second);
                default -> take(name, bytes(memory(caller), first, second));
            };
        }

        private int give(Caller<Void> caller, byte @Nullable [] value, int address, int length) {
            if (value == null || value.length == 0) {
                return BAD_ARGUMENT;
            }
            Memory memory = caller.getExport("memory").orElseThrow().memory();
            if (!inside(buffer(memory), address, 4) || !inside(buffer(memory), length, 4)) {
                return INTERNAL_FAILURE;
            }
            Func allocator = caller.getExport("malloc").orElseThrow().func();
            int place = allocator.call(store(), Val.fromI32(value.length))[0].i32();
            if (place == 0 || !inside(buffer(memory), place, value.length)) {
                return INTERNAL_FAILURE;
            }
            buffer(memory).put(place, value).putInt(address, place).putInt(length, value.length);
            return OK;
        }

        private int take(String name, byte @Nullable [] bytes) {
            if (bytes == null) {
                return INTERNAL_FAILURE;
            }
            switch (name) {
                case "SetQueryOnHost" -> {
                    query = bytes;
                    queryChanged = true;
                }
                case "SetErrorMessageOnHost" -> error = bytes;
                case "SetQueryResultOnHost" -> {
                    if (!isProtobuf(bytes)) {
                        return INTERNAL_FAILURE;
                    }
                    result = bytes;
                }
                default ->
                    log.append(name.equals("InfoLogOnHost") ? 'I' : 'E')
                            .append(new String(bytes, UTF_8))
                            .append(' ');
            }
            return OK;
        }

        private static boolean isProtobuf(byte[] bytes) {
            try {
                return UnknownFieldSet.parseFrom(bytes).isInitialized();
            } catch (InvalidProtocolBufferException e) {
                return false;
            }
        }

        private ByteBuffer memory(Caller<Void> caller) {
            return buffer(caller.getExport("memory").orElseThrow().memory());
        }

        private ByteBuffer buffer(Memory memory) {
            return memory.buffer(store()).order(ByteOrder.LITTLE_ENDIAN);
        }

        private static byte @Nullable [] bytes(ByteBuffer memory, int address, int length) {
            if (!inside(memory, address, length)) {
                return null;
            }
            byte[] bytes = new byte[length];
            memory.get(address, bytes);
            return bytes;
        }

        private static boolean inside(ByteBuffer memory, int address, int length) {
            return Integer.toUnsignedLong(address) + Integer.toUnsignedLong(length) <= memory.capacity();
        }

        @Override
        public byte @Nullable [] query() {
            return queryChanged ? query : null;
        }

        @Override
        public byte[] error() {
            return error;
        }

        @Override
        public byte @Nullable [] result() {
            return result;
        }

        @Override
        public String log() {
            return log.toString();
        }

        private void dispose() {
            if (linker != null) {
                linker.dispose();
                linker = null;
            }
            if (store != null) {
                store.dispose();
                store = null;
            }
        }

        @Override
        public void close() {
            dispose();
            module.dispose();
        }
    }
}
