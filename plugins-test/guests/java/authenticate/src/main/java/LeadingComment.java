/** The comment that a query begins with. One that MySQL or MariaDB executes, {@code /*!} or {@code /*M!}, is none. */
final class LeadingComment {
    private static final String KEY = "token=";

    private LeadingComment() {}

    /** Where the query goes on behind its leading comment; 0 if it has none. */
    static int end(byte[] query) {
        int at = start(query);
        if (at < 0) {
            return 0;
        }
        for (at += 2; at + 1 < query.length; at++) {
            if (query[at] == '*' && query[at + 1] == '/') {
                at += 2;
                while (at < query.length && isBlank(query[at])) {
                    at++;
                }
                return at;
            }
        }
        return 0;
    }

    /** What stands behind {@code token=} in the comment, up to a blank or its end; null if that is nothing. */
    static String token(byte[] query) {
        int end = end(query);
        for (int at = Math.max(start(query), 0); at + KEY.length() <= end; at++) {
            if (isKey(query, at)) {
                StringBuilder token = new StringBuilder();
                for (at += KEY.length(); at < end && !isBlank(query[at]) && query[at] != '*'; at++) {
                    token.append((char) (query[at] & 0xff));
                }
                return token.length() == 0 ? null : token.toString();
            }
        }
        return null;
    }

    private static int start(byte[] query) {
        int at = 0;
        while (at < query.length && isBlank(query[at])) {
            at++;
        }
        if (at + 1 >= query.length || query[at] != '/' || query[at + 1] != '*') {
            return -1;
        }
        int mark = at + 2 < query.length && query[at + 2] == 'M' ? at + 3 : at + 2;
        return mark < query.length && query[mark] == '!' ? -1 : at;
    }

    private static boolean isKey(byte[] query, int at) {
        for (int i = 0; i < KEY.length(); i++) {
            if (query[at + i] != KEY.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b >= 0 && b <= ' ';
    }
}
