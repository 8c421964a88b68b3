/** Commands of GRUB 2.06 and later with all its modules, and of the distributions' builds. */

const NAMES = `
  . [ acpi authenticate auth badram background_color background_image blocklist blscfg boot
  boottime break cat cbmemc chainloader clear cls cmosclean cmosdump cmosset cmostest cmp configfile continue
  coreboot_boottime cpuid crc cryptomount cutmem date devicetree distrust_certificate dump echo efifwsetup
  efitextmode eval exit export extract_entries_configfile extract_entries_source extract_legacy_entries_configfile
  extract_legacy_entries_source extract_syslinux_entries_configfile extract_syslinux_entries_source fallback
  false file fix_video freedos fwsetup gdbstub gdbstub_break gdbstub_stop getenv gettext getroot gptsync halt
  hashsum hdparm help hexdump hello inb inl initrd initrd16 initrdefi insmod inw is_sb_enabled isset kernel
  kexec keymap keystatus kfreebsd kfreebsd_loadenv kfreebsd_module kfreebsd_module_elf knetbsd
  knetbsd_module knetbsd_module_elf kopenbsd kopenbsd_ramdisk legacy_check_password legacy_configfile
  legacy_initrd legacy_initrd_nounzip legacy_kernel legacy_password legacy_source linux linux16 linuxefi list_env
  list_trusted load_env loadbios loadfont loopback ls lsacpi lsapm lscoreboot lsdev lsefi lsefimmap lsefisystab
  lsfonts lsmmap lsmod lspci lssal lsterminals macppcbless mactelbless md5sum menuentry module module2 module2_nounzip
  multiboot multiboot2 nativedisk net_add_addr net_add_dns net_add_route net_bootp net_bootp6 net_del_addr
  net_del_dns net_del_route net_dhcp net_get_dhcp_option net_ipv6_autoconf net_ls_addr net_ls_cards net_ls_dns
  net_ls_routes net_nslookup net_set_vlan normal normal_exit ntldr outb outl outw parttool password password_pbkdf2
  pcidump play plan9 pop_env probe push_env pxechainloader rdmsr read read_byte read_dword read_word reboot
  regexp return rmmod save_env search search.file search.fs_label search.fs_uuid search_fs_file search_fs_label
  search_fs_uuid sendkey serial set setparams setpci sha1sum sha256sum sha512sum shift shim_lock sleep smbios
  source submenu suspend syslinux_configfile syslinux_source terminal_input terminal_output terminfo test
  test_blockarg testload testspeed time tr true trust trust_certificate truecrypt unset usb verify_detached version
  videoinfo videotest vbeinfo vbetest vt_blink wrmsr write_byte write_dword write_word xen_hypervisor xen_linux
  xen_initrd xen_module xen_xsm xnu_devprop_load xnu_kernel xnu_kernel64 xnu_kext xnu_kextdir xnu_mkext
  xnu_ramdisk xnu_resume xnu_splash xnu_uuid zfsbootfs zfsinfo zfskey increment decrement bls_import
  pxe pxe_unload connectefi dhcp savedefault
  load_video
`;

export const COMMANDS: ReadonlySet<string> = new Set(NAMES.trim().split(/\s+/));
