package io.sluice.mysql;

import io.sluice.sql.FilterDefinition;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A statement that the gateway answers itself: one that makes, changes or shows filters and their plugins. */
sealed interface FilterStatement {
    /** What a client must be allowed to do with the table of filters, as its server sees it. */
    enum Right {
        INSERT,
        UPDATE,
        DELETE,
        SELECT
    }

    /** Who may say it. */
    Right right();

    /** The columns of its answer; empty if it is answered by OK. */
    default List<ResultField> columns() {
        return List.of();
    }

    /** {@code create filter}. */
    record Create(String name, boolean ifNotExists, Map<String, String> values) implements FilterStatement {
        @Override
        public Right right() {
            return Right.INSERT;
        }
    }

    /** {@code alter filter}. */
    record Alter(String name, Map<String, String> values) implements FilterStatement {
        @Override
        public Right right() {
            return Right.UPDATE;
        }
    }

    /** {@code drop filter}. */
    record Drop(String name) implements FilterStatement {
        @Override
        public Right right() {
            return Right.DELETE;
        }
    }

    /** {@code reload filters}: takes what is in the tables now. */
    record Reload() implements FilterStatement {
        @Override
        public Right right() {
            return Right.SELECT;
        }
    }

    /** {@code show filters}, and {@code show filter NAME} where there is a name. */
    record Show(String name) implements FilterStatement {
        @Override
        public Right right() {
            return Right.SELECT;
        }

        @Override
        public List<ResultField> columns() {
            List<ResultField> columns = new ArrayList<>();
            columns.add(ResultField.of("id", ResultType.UINT64));
            columns.add(ResultField.of("create_timestamp", ResultType.TIMESTAMP));
            columns.add(ResultField.of("update_timestamp", ResultType.TIMESTAMP));
            columns.add(text("name"));
            columns.add(text("description"));
            columns.add(ResultField.of("priority", ResultType.INT32));
            for (String key : FilterDefinition.keys()) {
                if (!key.equals("desc") && !key.equals("priority")) {
                    columns.add(text(key));
                }
            }
            return columns;
        }
    }

    /** {@code show create filter NAME}. */
    record ShowCreate(String name) implements FilterStatement {
        @Override
        public Right right() {
            return Right.SELECT;
        }

        @Override
        public List<ResultField> columns() {
            return List.of(text("Filer"), text("Create Filter")); // the first as clients of WeScale look for it
        }
    }

    /** {@code explain filter} in a comment before a query: which filters would apply to it. */
    record Explain(String query) implements FilterStatement {
        @Override
        public Right right() {
            return Right.SELECT;
        }

        @Override
        public List<ResultField> columns() {
            return List.of(
                    text("Name"),
                    text("description"),
                    ResultField.of("priority", ResultType.INT32),
                    text("action"),
                    text("action_args"));
        }
    }

    /** {@code show plugins}. */
    record ShowPlugins() implements FilterStatement {
        @Override
        public Right right() {
            return Right.SELECT;
        }

        @Override
        public List<ResultField> columns() {
            return List.of(text("name"), text("version"), text("sha256"), text("abi"), text("state"), text("filters"));
        }
    }

    /** {@code show plugin status}: a row for each number that is known of a plugin. */
    record ShowPluginStatus() implements FilterStatement {
        @Override
        public Right right() {
            return Right.SELECT;
        }

        @Override
        public List<ResultField> columns() {
            return List.of(text("plugin"), text("key"), text("value"));
        }
    }

    private static ResultField text(String name) {
        return ResultField.of(name, ResultType.VARCHAR);
    }
}
