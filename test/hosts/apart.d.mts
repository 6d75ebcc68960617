export declare function installedApart(name: string, packages: Readonly<Record<string, string>>): Promise<string>;
