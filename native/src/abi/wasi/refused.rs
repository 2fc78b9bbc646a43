//! The rest of preview 1: files, folders, sockets, signals. Each function exists, so that modules link, and refuses.

use wasmtime::{Caller, Linker};

use super::{MODULE, answer, errno};
use crate::abi::AbiHost;

/// Defines functions that take the given parameters and answer one error number.
macro_rules! refuse {
    ($linker:ident, $errno:expr, $($name:literal ($($ty:ty),*);)*) => {
        $($linker.func_wrap(MODULE, $name, |mut caller: Caller<'_, T> $(, _: $ty)*| answer(&mut caller, $errno))?;)*
    };
}

pub(super) fn add_to_linker<T: AbiHost>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    refuse! { linker, errno::BADF,
        "fd_advise" (i32, i64, i64, i32);
        "fd_allocate" (i32, i64, i64);
        "fd_close" (i32);
        "fd_datasync" (i32);
        "fd_fdstat_set_flags" (i32, i32);
        "fd_fdstat_set_rights" (i32, i64, i64);
        "fd_filestat_get" (i32, i32);
        "fd_filestat_set_size" (i32, i64);
        "fd_filestat_set_times" (i32, i64, i64, i32);
        "fd_pread" (i32, i32, i32, i64, i32);
        "fd_prestat_get" (i32, i32);
        "fd_prestat_dir_name" (i32, i32, i32);
        "fd_pwrite" (i32, i32, i32, i64, i32);
        "fd_read" (i32, i32, i32, i32);
        "fd_readdir" (i32, i32, i32, i64, i32);
        "fd_renumber" (i32, i32);
        "fd_seek" (i32, i64, i32, i32);
        "fd_sync" (i32);
        "fd_tell" (i32, i32);
    }
    refuse! { linker, errno::NOSYS,
        "path_create_directory" (i32, i32, i32);
        "path_filestat_get" (i32, i32, i32, i32, i32);
        "path_filestat_set_times" (i32, i32, i32, i32, i64, i64, i32);
        "path_link" (i32, i32, i32, i32, i32, i32, i32);
        "path_open" (i32, i32, i32, i32, i32, i64, i64, i32, i32);
        "path_readlink" (i32, i32, i32, i32, i32, i32);
        "path_remove_directory" (i32, i32, i32);
        "path_rename" (i32, i32, i32, i32, i32, i32);
        "path_symlink" (i32, i32, i32, i32, i32);
        "path_unlink_file" (i32, i32, i32);
        "proc_raise" (i32);
        "sock_accept" (i32, i32, i32);
        "sock_recv" (i32, i32, i32, i32, i32, i32);
        "sock_send" (i32, i32, i32, i32, i32);
        "sock_shutdown" (i32, i32);
    }
    Ok(())
}
