/** Whoever imports a name reads its sentence first: every exported declaration carries a doc comment. */
export const documentedExports = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      missing:
        'An exported name needs a doc comment: what it is, units and bounds, who owns its Buffers, which errors.',
    },
  },
  create(context) {
    const isDocumented = (node) => {
      const comment = context.sourceCode.getCommentsBefore(node).at(-1)
      return comment?.type === 'Block' && comment.value.startsWith('*')
    }
    const isOverload = (node) => {
      const siblings = node.parent.body
      const before = siblings[siblings.indexOf(node) - 1]
      return (
        before?.declaration?.type === 'TSDeclareFunction' && before.declaration.id?.name === node.declaration.id?.name
      )
    }
    return {
      'ExportNamedDeclaration[declaration]'(node) {
        if (!isDocumented(node) && !isOverload(node)) context.report({ node, messageId: 'missing' })
      },
    }
  },
}
