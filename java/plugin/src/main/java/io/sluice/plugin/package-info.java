/**
 * The plugin host: it loads plugins, keeps instances of them ready, lends them to requests and ends what fails.
 *
 * <p>The nouns, in the order in which a proxy meets them:
 *
 * <ul>
 *   <li>{@link io.sluice.plugin.PluginHost}: everything that plugins share, above all one memory budget. One for a process is the rule.
 *   <li>{@link io.sluice.plugin.PluginConfig}: what one plugin is called, may use, and how it is isolated and fails.
 *   <li>{@link io.sluice.plugin.PluginSource}: where its bytes come from.
 *   <li>{@link io.sluice.plugin.Plugin}: a loaded plugin that can be replaced and closed while calls run.
 *   <li>{@link io.sluice.plugin.Lease}: one instance, lent to one stream. It pins the version that it was taken from.
 *   <li>{@link io.sluice.plugin.PluginException}: which plugin failed, in which phase, and why.
 * </ul>
 *
 * <p><b>Priorities.</b> First that a plugin's failure costs one instance and nothing else, then the cost of a call, then the cost of
 * everything that is not on a request's path.
 *
 * <p><b>Critical path.</b> Taking a lease, calling the guest and closing the lease take no lock and, in pooled isolation, allocate
 * nothing. Compiling, checking and starting happen in {@code load} and {@code replace}.
 *
 * <p><b>Threads.</b> Host and plugin are shared; a lease is confined to one thread at a time.
 *
 * <p><b>Exceptions.</b> What a guest does wrong is a {@link io.sluice.plugin.PluginException}; what our own caller does wrong is an
 * {@link java.lang.IllegalStateException} or an {@link java.lang.IllegalArgumentException}.
 */
@NullMarked
package io.sluice.plugin;

import org.jspecify.annotations.NullMarked;
