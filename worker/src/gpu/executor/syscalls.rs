//! Numbers of Linux's system calls, from the kernel's tables.

/// Numbers for x86-64.
#[cfg(target_arch = "x86_64")]
pub(super) mod numbers {
	pub(in super::super) const SOCKET: i64 = 41;
	pub(in super::super) const CLONE: i64 = 56;
	pub(in super::super) const CLONE3: i64 = 435;
	pub(in super::super) const KILL: i64 = 62;
	pub(in super::super) const TGKILL: i64 = 234;
	pub(in super::super) const PRLIMIT64: i64 = 302;
	/// Calls that no driver needs for computing.
	pub(in super::super) const REFUSED: &[(&str, i64)] = &[
		("fork", 57),
		("vfork", 58),
		("execve", 59),
		("execveat", 322),
		("ptrace", 101),
		("process_vm_readv", 310),
		("process_vm_writev", 311),
		("pidfd_open", 434),
		("pidfd_getfd", 438),
		("pidfd_send_signal", 424),
		("tkill", 200),
		("rt_sigqueueinfo", 129),
		("rt_tgsigqueueinfo", 297),
		("mount", 165),
		("umount2", 166),
		("pivot_root", 155),
		("chroot", 161),
		("unshare", 272),
		("setns", 308),
		("bpf", 321),
		("perf_event_open", 298),
		("userfaultfd", 323),
		("io_uring_setup", 425),
		("add_key", 248),
		("request_key", 249),
		("keyctl", 250),
		("init_module", 175),
		("finit_module", 313),
		("delete_module", 176),
		("kexec_load", 246),
		("kexec_file_load", 320),
		("reboot", 169),
		("swapon", 167),
		("swapoff", 168),
		("open_by_handle_at", 304),
	];
}

/// Numbers for AArch64.
#[cfg(target_arch = "aarch64")]
pub(super) mod numbers {
	pub(in super::super) const SOCKET: i64 = 198;
	pub(in super::super) const CLONE: i64 = 220;
	pub(in super::super) const CLONE3: i64 = 435;
	pub(in super::super) const KILL: i64 = 129;
	pub(in super::super) const TGKILL: i64 = 131;
	pub(in super::super) const PRLIMIT64: i64 = 261;
	/// Calls that no driver needs for computing.
	pub(in super::super) const REFUSED: &[(&str, i64)] = &[
		("execve", 221),
		("execveat", 281),
		("ptrace", 117),
		("process_vm_readv", 270),
		("process_vm_writev", 271),
		("pidfd_open", 434),
		("pidfd_getfd", 438),
		("pidfd_send_signal", 424),
		("tkill", 130),
		("rt_sigqueueinfo", 138),
		("rt_tgsigqueueinfo", 240),
		("mount", 40),
		("umount2", 39),
		("pivot_root", 41),
		("chroot", 51),
		("unshare", 97),
		("setns", 268),
		("bpf", 280),
		("perf_event_open", 241),
		("userfaultfd", 282),
		("io_uring_setup", 425),
		("add_key", 217),
		("request_key", 218),
		("keyctl", 219),
		("init_module", 105),
		("finit_module", 273),
		("delete_module", 106),
		("kexec_load", 104),
		("kexec_file_load", 294),
		("reboot", 142),
		("swapon", 224),
		("swapoff", 225),
		("open_by_handle_at", 265),
	];
}
