/** How large a copy may become; what is larger is not run over. */
export interface CopyLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Of installed packages. */
  readonly maxPackageFiles: number;
  readonly maxPackageBytes: number;
}

export const COPY_LIMITS: CopyLimits = {
  maxFiles: 50_000,
  maxBytes: 500_000_000,
  maxPackageFiles: 200_000,
  maxPackageBytes: 2_000_000_000,
};
