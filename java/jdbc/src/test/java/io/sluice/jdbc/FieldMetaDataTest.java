package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.ResultType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import org.junit.jupiter.api.Test;

class FieldMetaDataTest {
    private static final List<ResultField> FIELDS = List.of(
            ResultField.of("id", ResultType.INT64, "t", "shop", "ident", 20, 0),
            ResultField.of("price", ResultType.DECIMAL, "t", "shop", "", 10, 2),
            ResultField.of("picture", ResultType.BLOB));

    private static final Answered NO_STATEMENT = new Answered() {
        @Override
        public Statement statement() {
            throw new IllegalStateException("there is no statement");
        }

        @Override
        public void resultClosed() {}
    };

    @Test
    void columnsArePluginsOwn() throws SQLException {
        ResultSetMetaData metaData = new FieldMetaData(FIELDS);

        assertThat(metaData.getColumnCount()).isEqualTo(3);
        assertThat(metaData.getColumnLabel(1)).isEqualTo("id");
        assertThat(metaData.getColumnName(1)).isEqualTo("ident");
        assertThat(metaData.getColumnName(2)).isEqualTo("price");
        assertThat(metaData.getTableName(1)).isEqualTo("t");
        assertThat(metaData.getCatalogName(1)).isEqualTo("shop");
        assertThat(metaData.getSchemaName(1)).isEmpty();
        assertThat(metaData.getColumnType(1)).isEqualTo(Types.BIGINT);
        assertThat(metaData.getColumnTypeName(2)).isEqualTo("DECIMAL");
        assertThat(metaData.getColumnClassName(2)).isEqualTo("java.math.BigDecimal");
        assertThat(metaData.getPrecision(2)).isEqualTo(10);
        assertThat(metaData.getColumnDisplaySize(2)).isEqualTo(10);
        assertThat(metaData.getScale(2)).isEqualTo(2);
        assertThat(metaData.isSigned(1)).isTrue();
        assertThat(metaData.isSigned(3)).isFalse();
        assertThat(metaData.isCaseSensitive(3)).isTrue();
        assertThat(metaData.isReadOnly(1)).isTrue();
        assertThat(metaData.isNullable(1)).isEqualTo(ResultSetMetaData.columnNullableUnknown);
        assertThat(metaData.isAutoIncrement(1) || metaData.isCurrency(1) || metaData.isSearchable(1))
                .isFalse();
        assertThat(metaData.isWritable(1) || metaData.isDefinitelyWritable(1)).isFalse();
        assertThat(metaData.unwrap(FieldMetaData.class)).isSameAs(metaData);
        assertThatThrownBy(() -> metaData.getColumnLabel(4))
                .isInstanceOf(SQLException.class)
                .hasMessage("column 4 was asked for, but the result has 3");
    }

    @Test
    void valuesOfAPluginsOwnResultHaveTheirColumnsTypes() throws SQLException {
        QueryResultWriter writer = QueryResultWriter.of(FIELDS, 1000);
        writer.row(new byte[][] {text("7"), text("1.50"), {1, 2}});
        writer.row(new byte[][] {text("***"), null, null});

        ResultSet rows = CopiedRows.toResultSet(QueryResult.parse(writer.finish()), null, NO_STATEMENT);

        assertThat(rows.next()).isTrue();
        assertThat(rows.getObject(1)).isEqualTo(7L);
        assertThat(rows.getObject(2)).isEqualTo(new BigDecimal("1.50"));
        assertThat(rows.getObject(3)).isEqualTo(new byte[] {1, 2});
        assertThat(rows.next()).isTrue();
        assertThat(rows.getObject(1)).isEqualTo("***");
        assertThat(rows.getObject(2)).isNull();
        assertThat(rows.wasNull()).isTrue();
        assertThat(rows.next()).isFalse();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
