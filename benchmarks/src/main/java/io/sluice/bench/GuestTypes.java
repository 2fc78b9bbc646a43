package io.sluice.bench;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.HashMap;
import java.util.Map;

/** What a rival's API does not tell about a module: which parameters of its exported functions are i64. */
final class GuestTypes {

    private GuestTypes() {}

    static Map<String, boolean[]> longParameters(WasmModule module) {
        Map<String, boolean[]> parameters = new HashMap<>();
        int imported = 0;
        for (int i = 0; i < module.importSection().importCount(); i++) {
            imported += module.importSection().getImport(i) instanceof FunctionImport ? 1 : 0;
        }
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            var export = module.exportSection().getExport(i);
            if (export.exportType() == ExternalType.FUNCTION && export.index() >= imported) {
                FunctionType type =
                        module.functionSection().getFunctionType(export.index() - imported, module.typeSection());
                boolean[] longs = new boolean[type.params().size()];
                for (int at = 0; at < longs.length; at++) {
                    longs[at] = type.params().get(at).equals(ValType.I64);
                }
                parameters.put(export.name(), longs);
            }
        }
        return parameters;
    }
}
