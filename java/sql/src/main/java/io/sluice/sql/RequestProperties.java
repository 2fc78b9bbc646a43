package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.plugin.QueryProperty;
import io.sluice.plugin.SqlLease;
import io.sluice.sql.Classification.StatementClass;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What plugins may ask of a request, made for those alone that are granted it and can ask. */
final class RequestProperties {
    /** A value with which the text of all would get longer is shown as one that is not known. */
    static final int MOST_JSON_CHARS = 1 << 20;

    private static final String UNKNOWN = "{\"unknown\":true}";
    private static final String HEX = "0123456789abcdef";

    private RequestProperties() {}

    static void give(SqlLease lease, SqlRequest request) {
        for (QueryProperty property : lease.config().grants()) {
            if (lease.wants(property)) {
                lease.property(property, textOf(property, request).getBytes(UTF_8));
            }
        }
    }

    /** Whether any of them is to be asked of the parser. */
    static boolean needParser(SqlLease lease) {
        Set<QueryProperty> grants = lease.config().grants();
        return (grants.contains(QueryProperty.KIND) && lease.wants(QueryProperty.KIND))
                || (grants.contains(QueryProperty.TABLES) && lease.wants(QueryProperty.TABLES));
    }

    static String textOf(QueryProperty property, SqlRequest request) {
        return switch (property) {
            case USER -> request.user();
            case CLIENT_ADDRESS -> request.clientAddress();
            case DATABASE -> request.database();
            case KIND -> {
                PlanKind kind = request.classification().kind();
                yield kind == null ? "" : kind.planName();
            }
            case TABLES -> tablesOf(request);
            case BIND_VALUES -> json(request.bindValues());
        };
    }

    /** One a line, each once; empty if those of a statement are not known. */
    private static String tablesOf(SqlRequest request) {
        Classification classification = request.classification();
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < classification.size(); i++) {
            StatementClass statement = classification.get(i);
            List<TableName> tables = statement.tables();
            if (tables == null) {
                return "";
            }
            for (TableName table : tables) {
                names.add(table.qualified(request.database()));
            }
        }
        return String.join("\n", names);
    }

    /** An array of numbers, booleans, nulls and, for all else that is known, strings; empty if there are no values. */
    private static String json(List<@Nullable Object> values) {
        if (values.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("[");
        for (Object value : values) {
            text.append(text.length() == 1 ? "" : ",");
            if (value == null || value instanceof Boolean) {
                text.append(value);
            } else if (value == SqlRequest.UNKNOWN_VALUE) {
                text.append(UNKNOWN);
            } else if (value instanceof Number number && isFinite(number)) {
                text.append(number);
            } else {
                appendValue(text, value);
            }
        }
        return text.append(']').toString();
    }

    private static void appendValue(StringBuilder json, Object value) {
        int begin = json.length();
        int room = MOST_JSON_CHARS - begin;
        boolean fits = !(value instanceof byte[] bytes) || bytes.length / 3 <= room;
        if (fits) {
            String text = value instanceof byte[] bytes ? new String(bytes, UTF_8) : value.toString();
            fits = text.length() <= room;
            if (fits) {
                appendString(json, text);
            }
        }
        if (!fits || json.length() > MOST_JSON_CHARS) {
            json.setLength(begin);
            json.append(UNKNOWN);
        }
    }

    private static boolean isFinite(Number number) {
        return !(number instanceof Double || number instanceof Float) || Double.isFinite(number.doubleValue());
    }

    private static void appendString(StringBuilder json, String value) {
        json.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
