package io.sluice.sql;

import com.google.re2j.Pattern;
import io.sluice.sql.Classification.StatementClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The conditions under which a filter applies to a query: all that are given must be met; immutable.
 *
 * <p>Regular expressions are RE2's, matched in linear time against the whole of what they are for. An empty condition is none.
 *
 * <p>Plans and tables are met by a text if one of its statements has a plan and a table that are named. A text that cannot be understood
 * meets them (a filter that protects must not be side-stepped by what only the database can read), while the other conditions hold as
 * ever.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> A pattern without conditions costs nothing. Conditions on plans, tables, template and comments
 * read the text once for all filters; then a template that was met before costs a search and allocates nothing. A regular expression
 * allocates a matcher and, once for a query that came as bytes, the text it is for.
 */
public final class FilterPattern {
    private static final FilterPattern ANY = new FilterPattern(new Draft());

    private final List<PlanKind> plans;
    private final EnumSet<PlanKind> families = EnumSet.noneOf(PlanKind.class);
    private final List<TableCondition> tables;
    private final @Nullable Pattern queryRegex;
    private final @Nullable QueryTemplate queryTemplate;
    private final @Nullable Pattern requestIpRegex;
    private final @Nullable Pattern userRegex;
    private final @Nullable Pattern leadingCommentRegex;
    private final @Nullable Pattern trailingCommentRegex;
    private final @Nullable BindConditions bindConditions;
    private final boolean unconditional;

    private FilterPattern(Draft draft) {
        this.plans = draft.plans;
        this.tables = draft.tables;
        this.queryRegex = draft.queryRegex;
        this.queryTemplate = draft.queryTemplate;
        this.requestIpRegex = draft.requestIpRegex;
        this.userRegex = draft.userRegex;
        this.leadingCommentRegex = draft.leadingCommentRegex;
        this.trailingCommentRegex = draft.trailingCommentRegex;
        this.bindConditions = draft.bindConditions;
        this.unconditional = draft.isEmpty();
        for (PlanKind plan : plans) {
            families.add(plan.family());
        }
    }

    /** The pattern without conditions: it matches every query. */
    public static FilterPattern any() {
        return ANY;
    }

    /**
     * A copy that wants a statement of one of these plans, by name in any letter case; none is no condition.
     *
     * @throws IllegalArgumentException if there is no such plan
     */
    public FilterPattern withPlans(Collection<String> names) {
        Set<PlanKind> kinds = new LinkedHashSet<>();
        for (String name : names) {
            kinds.add(PlanKind.named(name.strip()).orElseThrow(() -> unknownPlan(name.strip())));
        }
        Draft draft = new Draft(this);
        draft.plans = List.copyOf(kinds);
        return classifying(draft);
    }

    private static IllegalArgumentException unknownPlan(String name) {
        List<String> names = new ArrayList<>();
        for (PlanKind kind : PlanKind.values()) {
            names.add(kind.planName());
        }
        return new IllegalArgumentException(
                "plans has '" + name + "', which is no plan; the nearest is " + Nearest.of(name, names));
    }

    /** The plans; empty if there is no such condition. */
    public List<PlanKind> plans() {
        return plans;
    }

    /**
     * A copy that wants a statement that names one of these tables; none is no condition.
     *
     * <p>Each is {@code database.table}, {@code *} for either part that does not matter; letter case is ignored. The request's database
     * completes names in the text that have none; where that is not known, the table alone decides.
     *
     * @throws IllegalArgumentException if one is not of that form
     */
    public FilterPattern withFullyQualifiedTableNames(Collection<String> names) {
        Draft draft = new Draft(this);
        draft.tables = names.stream().map(TableCondition::of).distinct().toList();
        return classifying(draft);
    }

    /** A pattern for which texts are classified. */
    private static FilterPattern classifying(Draft draft) {
        if (!draft.plans.isEmpty() || !draft.tables.isEmpty()) {
            SqlClassifier.prepareShared();
        }
        return new FilterPattern(draft);
    }

    /** The tables; empty if there is no such condition. */
    public List<String> fullyQualifiedTableNames() {
        return tables.stream().map(TableCondition::toString).toList();
    }

    /**
     * A copy that wants the whole text of the query to match a regular expression, comments included; an empty one is no condition.
     *
     * @throws IllegalArgumentException if it is not RE2's syntax, longer than 8192 characters, or has more than 100,000 places
     *     with its repetitions written out
     */
    public FilterPattern withQueryRegex(String regex) {
        Draft draft = new Draft(this);
        draft.queryRegex = compile("query_regex", regex);
        return new FilterPattern(draft);
    }

    /** The regular expression for the whole text; empty if there is none. */
    public String queryRegex() {
        return textOf(queryRegex);
    }

    /**
     * A copy that wants the text to have the template of another one; an empty one is no condition.
     *
     * <p>Both are normalised alike: comments and needless blanks are dropped, literals and placeholders ({@code ?}, {@code :v1}, {@code
     * ::v1}) are the same, a list of literals behind {@code IN} and rows of literals count as one of them, the letter case of ASCII and
     * backticks are ignored. So {@code select * from t where a in (?)} is the template of <code>SELECT * FROM `t` WHERE a IN (1,2)</code>.
     *
     * @throws IllegalArgumentException if something in it does not end, or it has more than 16,384 characters
     */
    public FilterPattern withQueryTemplate(String template) {
        Draft draft = new Draft(this);
        draft.queryTemplate = template.isEmpty() ? null : QueryTemplate.of(template);
        return new FilterPattern(draft);
    }

    /** The template as it was given; empty if there is none. */
    public String queryTemplate() {
        return queryTemplate == null ? "" : queryTemplate.text();
    }

    /**
     * A copy that wants the client's whole address to match a regular expression; an empty one is no condition.
     *
     * @throws IllegalArgumentException as {@link #withQueryRegex}
     */
    public FilterPattern withRequestIpRegex(String regex) {
        Draft draft = new Draft(this);
        draft.requestIpRegex = compile("request_ip_regex", regex);
        return new FilterPattern(draft);
    }

    /** The regular expression for the client's address; empty if there is none. */
    public String requestIpRegex() {
        return textOf(requestIpRegex);
    }

    /**
     * A copy that wants the user's whole name to match a regular expression; an empty one is no condition.
     *
     * @throws IllegalArgumentException as {@link #withQueryRegex}
     */
    public FilterPattern withUserRegex(String regex) {
        Draft draft = new Draft(this);
        draft.userRegex = compile("user_regex", regex);
        return new FilterPattern(draft);
    }

    /** The regular expression for the user's name; empty if there is none. */
    public String userRegex() {
        return textOf(userRegex);
    }

    /**
     * A copy that wants the comments before the first word to match a regular expression; an empty one is no condition.
     *
     * <p>They are matched together, from the first comment's first character to the last one's last. A comment that the server executes
     * is none.
     *
     * @throws IllegalArgumentException as {@link #withQueryRegex}
     */
    public FilterPattern withLeadingCommentRegex(String regex) {
        Draft draft = new Draft(this);
        draft.leadingCommentRegex = compile("leading_comment_regex", regex);
        return new FilterPattern(draft);
    }

    /** The regular expression for the comments before the first word; empty if there is none. */
    public String leadingCommentRegex() {
        return textOf(leadingCommentRegex);
    }

    /**
     * A copy that wants the comments after the last word to match a regular expression, as {@link #withLeadingCommentRegex}; a final
     * semicolon may stand on either side of them.
     *
     * @throws IllegalArgumentException as {@link #withQueryRegex}
     */
    public FilterPattern withTrailingCommentRegex(String regex) {
        Draft draft = new Draft(this);
        draft.trailingCommentRegex = compile("trailing_comment_regex", regex);
        return new FilterPattern(draft);
    }

    /** The regular expression for the comments after the last word; empty if there is none. */
    public String trailingCommentRegex() {
        return textOf(trailingCommentRegex);
    }

    /**
     * A copy that wants the values of the text's placeholders to meet conditions; an empty text is no condition.
     *
     * <p>{@code v1 = 'x' and v2 > 100 and v3 in (1, 2) and v4 matches 'a.*' and v5 is not null}: {@code v1}, {@code :v1} or {@code ?1} is
     * the first placeholder's value; operators are {@code = != < <= > >=}, {@code in}, {@code not in}, {@code matches} and {@code not
     * matches} with a regular expression of RE2 for the whole value, {@code is null}, {@code is not null}; literals are numbers and
     * strings in quotes of either kind, which are doubled inside. Compared with a number a value is a number, else its text; NULL meets
     * {@code is null} alone, and a value that is not there meets nothing. Literals in the query's text are not values.
     *
     * @throws IllegalArgumentException if it cannot be understood, has more than 4096 characters or 32 conditions; the message begins
     *     with {@code bind_var_conds}
     */
    public FilterPattern withBindVarConds(String conditions) {
        Draft draft = new Draft(this);
        draft.bindConditions = conditions.isBlank() ? null : BindConditions.of(conditions);
        return new FilterPattern(draft);
    }

    /** The conditions on bind values as they were given; empty if there are none. */
    public String bindVarConds() {
        return bindConditions == null ? "" : bindConditions.text();
    }

    /** Whether it depends on what a text does, which the parser may have to be asked for. */
    boolean classifies() {
        return !plans.isEmpty() || !tables.isEmpty();
    }

    /** Whether every condition is met. */
    public boolean matches(SqlRequest request) {
        return unconditional || (matchesSession(request) && matchesText(request));
    }

    private boolean matchesSession(SqlRequest request) {
        return matches(userRegex, request.user()) && matches(requestIpRegex, request.clientAddress());
    }

    private boolean matchesText(SqlRequest request) {
        if (bindConditions != null && !bindConditions.areMet(request.bindValues())) {
            return false;
        }
        if (queryTemplate != null && !queryTemplate.matches(request.tokens())) {
            return false;
        }
        if (classifies() && !matchesStatement(request)) {
            return false;
        }
        if (leadingCommentRegex != null && !matches(leadingCommentRegex, request.leadingComments())) {
            return false;
        }
        if (trailingCommentRegex != null && !matches(trailingCommentRegex, request.trailingComments())) {
            return false;
        }
        return queryRegex == null || queryRegex.matches(request.text());
    }

    private boolean matchesStatement(SqlRequest request) {
        Classification classification = request.classification();
        for (int i = 0; i < classification.size(); i++) {
            StatementClass statement = classification.get(i);
            PlanKind kind = statement.kind();
            boolean planMatches = plans.isEmpty() || kind == null || families.contains(kind.family());
            if (planMatches && matchesTables(statement, request.database())) {
                return true;
            }
        }
        return false;
    }

    private boolean matchesTables(StatementClass statement, String database) {
        if (tables.isEmpty()) {
            return true;
        }
        for (int i = 0; i < tables.size(); i++) {
            if (tables.get(i).matches(statement.tables(), database)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(@Nullable Pattern regex, String text) {
        return regex == null || regex.matches(text);
    }

    private static @Nullable Pattern compile(String condition, String regex) {
        Objects.requireNonNull(regex, "regex");
        return regex.isEmpty() ? null : FilterRegex.compile(condition, regex);
    }

    private static String textOf(@Nullable Pattern regex) {
        return regex == null ? "" : regex.pattern();
    }

    private List<String> texts() {
        return List.of(
                String.join(",", plans.stream().map(PlanKind::planName).toList()),
                String.join(",", fullyQualifiedTableNames()),
                queryRegex(),
                queryTemplate(),
                requestIpRegex(),
                userRegex(),
                leadingCommentRegex(),
                trailingCommentRegex(),
                bindVarConds());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FilterPattern pattern && pattern.texts().equals(texts());
    }

    @Override
    public int hashCode() {
        return texts().hashCode();
    }

    @Override
    public String toString() {
        StringJoiner joiner = new StringJoiner(", ", "FilterPattern[", "]").setEmptyValue("FilterPattern[any]");
        List<String> texts = texts();
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isEmpty()) {
                joiner.add(FilterDefinition.PATTERN_KEYS.get(i) + "=" + texts.get(i));
            }
        }
        return joiner.toString();
    }

    /** The fields while a copy is made. */
    private static final class Draft {
        private List<PlanKind> plans = List.of();
        private List<TableCondition> tables = List.of();
        private @Nullable Pattern queryRegex;
        private @Nullable QueryTemplate queryTemplate;
        private @Nullable Pattern requestIpRegex;
        private @Nullable Pattern userRegex;
        private @Nullable Pattern leadingCommentRegex;
        private @Nullable Pattern trailingCommentRegex;
        private @Nullable BindConditions bindConditions;

        Draft() {}

        boolean isEmpty() {
            return plans.isEmpty()
                    && tables.isEmpty()
                    && queryRegex == null
                    && queryTemplate == null
                    && requestIpRegex == null
                    && userRegex == null
                    && leadingCommentRegex == null
                    && trailingCommentRegex == null
                    && bindConditions == null;
        }

        Draft(FilterPattern from) {
            this.plans = from.plans;
            this.tables = from.tables;
            this.queryRegex = from.queryRegex;
            this.queryTemplate = from.queryTemplate;
            this.requestIpRegex = from.requestIpRegex;
            this.userRegex = from.userRegex;
            this.leadingCommentRegex = from.leadingCommentRegex;
            this.trailingCommentRegex = from.trailingCommentRegex;
            this.bindConditions = from.bindConditions;
        }
    }
}
