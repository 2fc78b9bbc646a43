package io.sluice.sdk;

import org.teavm.interop.Address;

/** The query that a call is about; it is of use in that call only. */
public final class Query {
    private final long ctx;

    Query(long ctx) {
        this.ctx = ctx;
    }

    /** The query's text. */
    public String text() {
        byte[] bytes = got(Host.getQuery(ctx, Host.value(), Host.length()), "query");
        return bytes == null ? "" : Host.text(bytes);
    }

    /** Replaces the text that is executed; for use in {@code before}. */
    public void setText(String text) {
        byte[] bytes = Host.utf8(text);
        done(Host.setQuery(ctx, Address.ofData(bytes), bytes.length), "query");
    }

    /** The text of the query's error; null if it has none. */
    public String error() {
        byte[] bytes = got(Host.getErrorMessage(ctx, Host.value(), Host.length()), "error");
        return bytes == null ? null : Host.text(bytes);
    }

    /** Gives the query an error: before its execution it is refused, after it the client gets the error in place of the result. */
    public void reject(String message) {
        Host.reject(message);
    }

    /** Takes the query's error away. */
    public void clearError() {
        done(Host.setErrorMessage(ctx, Host.value(), 0), "error");
    }

    /** What the query gave; null if it gave nothing. One that cannot be read becomes the query's error. */
    public Result result() {
        byte[] bytes = got(Host.getQueryResult(ctx, Host.value(), Host.length()), "result");
        if (bytes == null) {
            return null;
        }
        Result result = Result.read(bytes);
        if (result == null) {
            reject("the plugin cannot read the result: it is malformed");
        }
        return result;
    }

    /** Gives the client this result; for use in {@code after}. */
    public void setResult(Result result) {
        byte[] bytes = result.toBytes();
        done(Host.setQueryResult(ctx, Address.ofData(bytes), bytes.length), "result");
    }

    private byte[] got(int status, String what) {
        if (status == Host.OK) {
            return Host.take();
        }
        if (status != Host.BAD_ARGUMENT && status != Host.NOT_FOUND) {
            reject("the plugin cannot read the " + what + ": the host answers status " + status);
        }
        return null;
    }

    private void done(int status, String what) {
        if (status != Host.OK) {
            reject("the plugin cannot set the " + what + ": the host answers status " + status);
        }
    }
}
