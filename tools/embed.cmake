# Writes OUTPUT, a C++ file that holds every file below FOLDER by its path from there.
# Called by src/CMakeLists.txt: cmake -DFOLDER=... -DOUTPUT=... -P embed.cmake
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(text "#include \"base/resource_table.h\"\n\nnamespace qdcnn {\n\nconst std::vector<Resource>& resource_table() {\n    static const std::vector<Resource> table = {\n")
foreach(file ${files})
  file(READ ${FOLDER}/${file} content)
  string(APPEND text "        {\"${file}\", R\"~~~(${content})~~~\"},\n")
endforeach()
string(APPEND text "    };\n    return table;\n}\n\n}  // namespace qdcnn\n")
file(WRITE ${OUTPUT} "${text}")
